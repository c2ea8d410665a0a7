/*
 * edition.h - further editions of the dictionary and the policy that come
 * along: the texts, with pieces replaced, compiled, signed and published.
 */
#ifndef TEST_EDITION_H
#define TEST_EDITION_H

#include "org.h"

/* The first place of from becomes to. Ends the test when there is none. */
struct test_change {
    const char *from, *to;
};

/* Each begins from the text that comes along, not from the edition before;
 * since when something holds is taken over from that. */
void test_edition_dictionary(
    struct test_org *o, const struct test_change *change, size_t count);
void test_edition_policy(
    struct test_org *o, const struct test_change *change, size_t count);

/* "industry" (5) of the account is retired, and "trade" (900) takes over; the
 * policy that names trade where it named industry. */
#define TEST_EDITION_RETIRE 2u
extern const struct test_change test_edition_retire[TEST_EDITION_RETIRE];
#define TEST_EDITION_TRADE 5u
extern const struct test_change test_edition_trade[TEST_EDITION_TRADE];

/* Where a field is put behind the last of the account. */
#define TEST_EDITION_LAST  "\n    ) },\n\n  { number = 2; name = \"contact\""
#define TEST_EDITION_AFTER " ) },\n{ number = 2; name = \"contact\""

#endif
