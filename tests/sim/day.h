/*
 * day.h - days of random work with random faults, step by step.
 */
#ifndef SIM_DAY_H
#define SIM_DAY_H

#include "world.h"

enum sim_weather {
    SIM_CALM,   /* nobody changes rights or territories: every verdict is known
                   beforehand */
    SIM_STORMY, /* accounts move and merge, fields and territories come and go
                 */
    SIM_UPHEAVAL, /* and between branches: who serves what, who works where
                     and as what; people leave, devices are lost */
};

struct sim_plan {
    enum sim_weather weather;
    unsigned steps;
    unsigned fault_percent; /* of turns */
    bool consents; /* customers say yes and no, and devices hold what is derived
                      by that */
};

/* After all has settled: head office erases one account of three, as retention
 * does, and all meet; nobody then has a commit that spoke of these alone, and
 * nobody has anything to say. */
void sim_erase(struct sim_world *w);
/* Works, then settles, then erases; all laws are checked on the way. */
void sim_day(struct sim_world *w, const struct sim_plan *plan);

#endif
