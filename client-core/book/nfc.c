#include "book/nfc.h"

#include <stdlib.h>

#include <utf8proc.h>

/* Latin with accents in one piece (U+00C0 to U+02FF) has two bytes below 0xCC;
 * the unified Chinese characters begin with 0xE4 to 0xE9. Neither changes. */
bool cc_nfc_needed(struct sp_slice text)
{
    for (size_t i = 0; i < text.size;) {
        uint8_t c = text.data[i];
        if (c < 0x80) {
            i += 1;
        } else if (c < 0xcc) {
            i += 2;
        } else if (c >= 0xe4 && c <= 0xe9) {
            i += 3;
        } else {
            return true;
        }
    }
    return false;
}

sp_err cc_nfc_text(struct sp_slice text, struct sp_buf *out)
{
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t size;

    if (!cc_nfc_needed(text)) {
        sp_buf_put(out, text.data, text.size);
        return SP_OK;
    }
    size = utf8proc_map(text.data, (utf8proc_ssize_t)text.size, &made,
        (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size == UTF8PROC_ERROR_NOMEM) {
        return SP_E_NOMEM;
    }
    if (size < 0) {
        sp_buf_put(out, text.data, text.size);
        return SP_OK;
    }
    sp_buf_put(out, made, (size_t)size);
    free(made);
    return SP_OK;
}
