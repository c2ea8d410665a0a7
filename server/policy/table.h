/*
 * table.h - the server's own tables of the store (sp/port.h, SP_T_ROOM_0 and
 * up). Append only: the numbers are bound into the seal of every value.
 */
#ifndef SV_TABLE_H
#define SV_TABLE_H

#include "sp/port.h"

#define SV_T_SERVER SP_T_ROOM_0 /* "identity", counters, "uplink" */
#define SV_T_CODE   ((enum sp_table)(SP_T_ROOM_0 + 1)) /* enrolment codes */
#define SV_T_IMPORT ((enum sp_table)(SP_T_ROOM_0 + 2)) /* files taken in */
#define SV_T_CLOSED ((enum sp_table)(SP_T_ROOM_0 + 3)) /* days of branches */

#endif
