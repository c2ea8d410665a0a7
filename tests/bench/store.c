/* store.c - opening, and counting bytes. */
#include "store.h"

#include "bench.h"

#include <dirent.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

const struct satchel_secret bench_store_secret = { .passphrase = "quickstart" };

void bench_store_must(int rc, const struct satchel_error *e)
{
    if (rc != 0) {
        bench_die("%s: %s %s", e->name, e->text_en, e->detail);
    }
}

struct satchel *bench_store_open(const char *dir)
{
    struct satchel *s = NULL;
    struct satchel_error e;

    bench_store_must(satchel_open(dir, &bench_store_secret, &s, &e), &e);
    return s;
}

const char *bench_store_beside(const char *store)
{
    static char path[512];
    char *slash;

    (void)snprintf(path, sizeof path, "%s", store);
    slash = strrchr(path, '/');
    if (slash == NULL) {
        return ".";
    }
    *slash = '\0';
    return path;
}

double bench_store_tcp_bytes(void)
{
    double sum = 0;
    const struct dirent *e;
    DIR *d = opendir("/proc/self/fd");

    while (d != NULL && (e = readdir(d)) != NULL) {
        struct tcp_info info = { 0 };
        socklen_t size = sizeof info;
        int fd = atoi(e->d_name);
        if (e->d_name[0] != '.' &&
            getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
            sum += (double)(info.tcpi_bytes_sent - info.tcpi_bytes_retrans) +
                   (double)info.tcpi_bytes_received;
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return sum;
}
