/*
 * number.h - numbers that a server gives out once each: devices, servers,
 * users, roster serials. Counted in the store's table SV_T_SERVER, so
 * that two given out in one transaction differ, and never below what the
 * signed documents show.
 *
 * Device numbers tell who numbered them, so that branches can enrol with head
 * office gone: a server has 1..32767, a device server * 65536 + 1..65535.
 */
#ifndef SV_NUMBER_H
#define SV_NUMBER_H

#include "sp/node.h"
#include "sp/rules.h"

#define SV_NUMBER_HEAD_OFFICE 1u
#define SV_NUMBER_SERVERS_MAX 32767u

/* Each: the next number, in a write tx. SP_E_TOO_LARGE when there is none
 * left, and the store's errors. */
SP_MUST_USE sp_err sv_number_roster(struct sp_tx *tx, uint32_t *out);
SP_MUST_USE sp_err sv_number_user(struct sp_tx *tx, uint32_t *out);
SP_MUST_USE sp_err sv_number_server(struct sp_tx *tx, uint32_t *out);
SP_MUST_USE sp_err sv_number_device(struct sp_tx *tx, uint32_t *out);

#endif
