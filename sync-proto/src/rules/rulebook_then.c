/* rulebook_then.c - what held when a commit was made (SYNC J4). */
#include "rulebook.h"

/* What the commit names, but nothing older than its device had confirmed. */
struct sp_serials sp_rulebook_then_serials(const struct sp_question *q)
{
    const struct sp_commit *c = q->commit;
    const struct sp_serials *floor = &q->floor;

    return (struct sp_serials){
        c->dictionary > floor->dictionary ? c->dictionary : floor->dictionary,
        c->policy > floor->policy ? c->policy : floor->policy,
        c->roster > floor->roster ? c->roster : floor->roster
    };
}

/* The policy that was in force under that serial, as far as it is known: the
 * newest up to it, else the oldest above; else today's. */
const struct sp_policy *sp_rulebook_then_policy(
    const struct sp_rulebook *b, uint32_t serial)
{
    const struct sp_rulebook_past *best = NULL;

    for (uint32_t i = 0; i < b->past_count; i++) {
        const struct sp_rulebook_past *p = &b->past[i];
        bool up_to = p->serial <= serial;
        if (best == NULL || (up_to && best->serial > serial) ||
            (up_to ? p->serial > best->serial
                   : best->serial > serial && p->serial < best->serial)) {
            best = p;
        }
    }
    return serial >= b->serials.policy || best == NULL ? b->policy
                                                       : best->policy;
}
