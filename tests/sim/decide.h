/*
 * decide.h - head office changes its mind: who may see what, who serves what,
 * who works where and as what.
 */
#ifndef SIM_DECIDE_H
#define SIM_DECIDE_H

#include "day.h"

/* One decision, published at head office; the oracle knows that verdicts
 * depend from now on on who is first. */
void sim_decide(struct sim_world *w, enum sim_weather weather);

#endif
