#include "say/net.h"

#include "say/say.h"

#include <errno.h>
#include <nng/nng.h>
#include <stddef.h>
#include <stdio.h>

#define RARE_BYTES 64u

/* nng numbers what the system numbers too; that has its words already. */
static const struct {
    int code, number;
} systems[] = {
    { NNG_EINTR, EINTR },
    { NNG_ENOMEM, ENOMEM },
    { NNG_EINVAL, EINVAL },
    { NNG_EBUSY, EBUSY },
    { NNG_ECONNREFUSED, ECONNREFUSED },
    { NNG_EAGAIN, EAGAIN },
    { NNG_EADDRINUSE, EADDRINUSE },
    { NNG_ENOENT, ENOENT },
    { NNG_EUNREACHABLE, EHOSTUNREACH },
    { NNG_EPERM, EPERM },
    { NNG_ECONNABORTED, ECONNABORTED },
    { NNG_ECONNRESET, ECONNRESET },
    { NNG_ENOFILES, EMFILE },
    { NNG_ENOSPC, ENOSPC },
    { NNG_EEXIST, EEXIST },
};
static const struct {
    int code;
    const char *text;
} others[] = {
    { NNG_ETIMEDOUT, CC_SAY("no answer in time") },
    { NNG_ECLOSED, CC_SAY("the connection was closed") },
    { NNG_ECANCELED, CC_SAY("the connection was closed") },
    { NNG_ECONNSHUT, CC_SAY("the connection was closed") },
    { NNG_EADDRINVAL, CC_SAY("this is no address") },
    { NNG_EPROTO, CC_SAY("what answers there speaks another protocol") },
    { NNG_EMSGSIZE, CC_SAY("the message is too large") },
    { NNG_ENOTSUP, CC_SAY("this system cannot do it") },
};

/* The system's own number, where nng passes it on or has one like it; 0. */
static int system_number(int code)
{
    if (code >= NNG_ESYSERR && code < NNG_ETRANERR) {
        return code - NNG_ESYSERR;
    }
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        if (systems[i].code == code) {
            return systems[i].number;
        }
    }
    return 0;
}

const char *cc_say_net(int code)
{
    static _Thread_local char rare[RARE_BYTES];
    int number = system_number(code);

    if (number != 0) {
        return cc_say_errno(number);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (others[i].code == code) {
            return cc_say(others[i].text);
        }
    }
    cc_say_note(rare, sizeof(rare), "network error %d", code);
    return rare;
}
