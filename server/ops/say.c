#include "ops/say.h"

const char *sv_say(const char *english)
{
    return cc_say_from(sv_say_table, english);
}
