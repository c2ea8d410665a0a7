/*
 * print.h - a command's result for people: raw text, key: value lines, and
 * tables with columns that line up (Hanzi take two places). States are words of
 * the person's language. On a terminal tables fit it and times are those of its
 * clock; a file or pipe gets the times of data.
 */
#ifndef SV_PRINT_H
#define SV_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* Keys of a result that have a meaning: "body" is printed as it is,
 * "columns" and "rows" are a table, "tables" and "remarks" a report; all others
 * are lines. */
void sv_print_result(FILE *out, const json_t *result);

#endif
