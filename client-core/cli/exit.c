#include "cli/exit.h"

enum cc_exit cc_exit_of(const struct satchel_error *e)
{
    switch (e->code) {
    case SATCHEL_OK:
        return CC_EXIT_OK;
    case SATCHEL_E_CONFLICT:
        return CC_EXIT_CONFLICT;
    case SATCHEL_E_ARGUMENT:
        return CC_EXIT_USAGE;
    case SATCHEL_E_FULL:
    case SATCHEL_E_IO:
    case SATCHEL_E_CORRUPT:
        return CC_EXIT_DISK;
    case SATCHEL_E_LOCKED:
    case SATCHEL_E_SECRET:
    case SATCHEL_E_IN_USE:
        return CC_EXIT_REFUSED; /* this machine, but nothing is broken */
    default:
        break;
    }
    switch (e->class_) {
    case SATCHEL_CLASS_BUSY:
        return CC_EXIT_OFFLINE;
    case SATCHEL_CLASS_PEER:
    case SATCHEL_CLASS_POLICY:
    case SATCHEL_CLASS_CALLER:
        return CC_EXIT_REFUSED;
    case SATCHEL_CLASS_NONE:
    case SATCHEL_CLASS_LOCAL:
        break;
    }
    return CC_EXIT_INTERNAL;
}
