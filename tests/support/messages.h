/*
 * messages.h - samples of every message of the conversation, and the way from
 * bytes through the decoder and back.
 */
#ifndef TEST_MESSAGES_H
#define TEST_MESSAGES_H

#include "sp/message.h"

enum test_message_form {
    TEST_MESSAGE,       /* what a record frame carries */
    TEST_MESSAGE_HELLO, /* payload of handshake message 1 */
    TEST_MESSAGE_HELLO_REPLY
};

/* The i-th sample, appended to out; its name, or NULL past the end. */
const char *test_message_sample(
    size_t i, enum test_message_form *form, struct sp_buf *out);

/* Decodes and encodes what came out, appended to out. Errors of the decoder;
 * SP_E_MALFORMED for the type numbers that no message has. */
sp_err test_message_recode(enum test_message_form form, struct sp_slice in,
    struct sp_arena *arena, struct sp_buf *out);

/* The verdict, told, welcome and push that the samples are made of; borrowed,
 * to be changed by who tests limits. Fresh at each call. */
struct sp_told test_message_told(void);
struct sp_welcome test_message_welcome(void);
struct sp_push test_message_push(void);

#endif
