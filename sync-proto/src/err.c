/* err.c - the error list as switches. */
#include "sp/err.h"

enum sp_class sp_err_class(sp_err err)
{
    switch (err) {
#define CASE(name, number, class, en, zh)                                      \
    case name:                                                                 \
        return class;
        SP_ERR_LIST(CASE)
#undef CASE
    }
    return SP_CLASS_LOCAL;
}

const char *sp_err_name(sp_err err)
{
    switch (err) {
#define CASE(name, number, class, en, zh)                                      \
    case name:                                                                 \
        return #name;
        SP_ERR_LIST(CASE)
#undef CASE
    }
    return "SP_E_?";
}

const char *sp_err_text_en(sp_err err)
{
    switch (err) {
#define CASE(name, number, class, en, zh)                                      \
    case name:                                                                 \
        return en;
        SP_ERR_LIST(CASE)
#undef CASE
    }
    return "unknown error";
}

const char *sp_err_text_zh(sp_err err)
{
    switch (err) {
#define CASE(name, number, class, en, zh)                                      \
    case name:                                                                 \
        return zh;
        SP_ERR_LIST(CASE)
#undef CASE
    }
    return "未知错误";
}
