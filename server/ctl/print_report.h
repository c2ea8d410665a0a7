/*
 * print_report.h - a report's tables for people: on a terminal with headings,
 * bars and shades; elsewhere one tab between columns, a line between tables.
 */
#ifndef SV_PRINT_REPORT_H
#define SV_PRINT_REPORT_H

#include <jansson.h>
#include <stdio.h>

/*
 *   tables   as do_report.c has them; detailed ones are left out
 *   columns  of the terminal; 0: none
 */
void sv_print_report(FILE *out, const json_t *tables, size_t columns);
/* Lines below it. */
void sv_print_remarks(FILE *out, const json_t *remarks);

#endif
