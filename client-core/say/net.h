/*
 * net.h - what a person is told of the transport's errors.
 *
 *   threads  any, each in its own language (say/say.h)
 */
#ifndef CC_SAY_NET_H
#define CC_SAY_NET_H

/* Of a number that nng returned. Static, or the thread's until its next call
 * (of a number that has no words: the number). */
const char *cc_say_net(int code);

#endif
