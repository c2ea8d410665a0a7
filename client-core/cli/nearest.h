/*
 * nearest.h - mistyped words are guessed as in all programs (say/nearest.h).
 */
#ifndef CC_CLI_NEAREST_H
#define CC_CLI_NEAREST_H

#include "say/nearest.h"

#endif
