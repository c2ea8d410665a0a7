#define _DEFAULT_SOURCE /* tm_gmtoff */
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
    struct tm local;

    return localtime_r(&seconds, &local) == NULL
               ? 0
               : (int32_t)(local.tm_gmtoff / 60);
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
