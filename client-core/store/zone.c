#include "store/zone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int32_t cc_zone_offset(uint64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local, there;
    int64_t minutes;

    if (localtime_r(&seconds, &local) == NULL ||
        gmtime_r(&seconds, &there) == NULL) {
        return 0;
    }
    /* The two are at most a day apart. */
    minutes = local.tm_year != there.tm_year
                  ? (local.tm_year > there.tm_year ? 1440 : -1440)
                  : (local.tm_yday - there.tm_yday) * 1440;
    minutes +=
        (local.tm_hour - there.tm_hour) * 60 + local.tm_min - there.tm_min;
    return (int32_t)minutes;
}

/* What may stand behind TZID= as it is. */
static bool is_plain(const char *name)
{
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789/_+-";

    return name[0] != '\0' && strlen(name) < CC_ZONE_NAME_BYTES &&
           name[strspn(name, good)] == '\0';
}

void cc_zone_name(char out[CC_ZONE_NAME_BYTES])
{
    static const char folder[] = "/zoneinfo/";
    char path[512];
    const char *name = getenv("TZ");
    ssize_t size = -1;

    if (name != NULL && name[0] == ':') {
        name++;
    }
    if (name == NULL) {
        size = readlink("/etc/localtime", path, sizeof(path) - 1);
        path[size < 0 ? 0 : size] = '\0';
        name = strstr(path, folder);
        name = name == NULL ? "" : name + sizeof(folder) - 1;
    }
    (void)snprintf(
        out, CC_ZONE_NAME_BYTES, "%s", is_plain(name) ? name : "Local");
}
