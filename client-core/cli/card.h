/*
 * card.h - records as a person reads them, and as --json gives them. One
 * thread.
 */
#ifndef CC_CLI_CARD_H
#define CC_CLI_CARD_H

#include "cli/cli.h"
#include "say/table.h"

/* A record with all its values: who, when, what waits, what is in conflict. */
void cc_card_record(struct cc_cli *cli, const struct satchel_record *r);
void cc_card_record_json(
    struct cc_json *j, const char *key, const struct satchel_record *r);

/* A field in conflict: its values, the shown one first. */
void cc_card_values(struct cc_cli *cli, const struct satchel_field *f);
void cc_card_field_json(
    struct cc_json *j, const char *key, const struct satchel_field *f);

/* Rows with the columns that suit the entity: copied as they come, then
 * printed at once. */
struct cc_card_layout;
struct cc_card_list {
    struct cc_cli *cli;
    const struct cc_card_layout *layout;
    struct cc_table table;
};
void cc_card_list_init(
    struct cc_card_list *l, struct cc_cli *cli, const char *entity);
void cc_card_list_row(struct cc_card_list *l, const struct satchel_record *r);
/* 0, or the code left in cli->error. */
int cc_card_list_print(struct cc_card_list *l);
void cc_card_list_wipe(struct cc_card_list *l);

/* All of that for a result. 0, or the code left in cli->error. */
int cc_card_list(
    struct cc_cli *cli, const char *entity, const struct satchel_list *l);

/* "客户" for "account"; the name itself for what it does not know. */
const char *cc_card_entity(const struct cc_cli *cli, const char *entity);

#endif
