#include "keys/keys.h"

#include "say/say.h"

#include <stdio.h>
#include <string.h>

static struct cc_slot slot_of(
    const struct cc_keys *k, char path[CC_SLOT_PATH_BYTES])
{
    struct cc_slot s = { .path = path,
        .env = k->env,
        .platform = k->platform,
        .ops = k->passes == 0 ? CC_SLOT_OPS : k->passes,
        .mem_kib = k->kib == 0 ? CC_SLOT_MEM_KIB : k->kib,
        .characters_min = CC_KEYS_CHARACTERS };

    (void)snprintf(
        path, CC_SLOT_PATH_BYTES, "%s/%s", k->dir, CC_KEYS_SLOT_FILE);
    return s;
}

static sp_err say(
    const struct cc_keys *k, sp_err err, uint64_t wait_ms, char *note)
{
    switch (err) {
    case SP_OK:
        break;
    case SP_E_SECRET:
        cc_say_note(note, CC_KEYS_NOTE_BYTES,
            "%.300s: the passphrase, or the platform secret, does not open it",
            k->dir);
        break;
    case SP_E_RATE:
        cc_say_note(note, CC_KEYS_NOTE_BYTES,
            "%.300s: wrong passphrases were tried before; the next try is "
            "possible in %llu s",
            k->dir, (unsigned long long)(wait_ms + 999) / 1000);
        break;
    case SP_E_NOT_FOUND:
        cc_say_note(
            note, CC_KEYS_NOTE_BYTES, "%.300s: there is no store", k->dir);
        break;
    case SP_E_ARGUMENT:
        cc_say_note(note, CC_KEYS_NOTE_BYTES,
            "a passphrase has at least %u characters (%u beside a platform "
            "secret) and at most %u bytes",
            CC_SLOT_CHARACTERS_ALONE, CC_KEYS_CHARACTERS,
            CC_SLOT_PASSPHRASE_BYTES_MAX);
        break;
    default:
        cc_say_note(
            note, CC_KEYS_NOTE_BYTES, "%.300s/%s", k->dir, CC_KEYS_SLOT_FILE);
    }
    return err;
}

sp_err cc_keys_create(const struct cc_keys *k, const char *passphrase,
    struct sp_secret *root, char *note)
{
    char path[CC_SLOT_PATH_BYTES];
    struct cc_slot s = slot_of(k, path);
    struct sp_secret drawn;
    sp_err err;

    k->env->random(k->env->self, drawn.b, sizeof(drawn.b));
    err = cc_slot_create(&s, sp_slice_text(passphrase), &drawn);
    if (err == SP_OK) {
        *root = drawn;
    }
    sp_secret_wipe(&drawn);
    return say(k, err, 0, note);
}

sp_err cc_keys_open(const struct cc_keys *k, const char *passphrase,
    struct sp_secret *root, char *note)
{
    char path[CC_SLOT_PATH_BYTES];
    struct cc_slot s = slot_of(k, path);
    uint64_t wait_ms = 0;
    sp_err err = cc_slot_open(&s, sp_slice_text(passphrase), root, &wait_ms);

    return say(k, err, wait_ms, note);
}

sp_err cc_keys_change(
    const struct cc_keys *k, const char *before, const char *after, char *note)
{
    char path[CC_SLOT_PATH_BYTES];
    struct cc_slot s = slot_of(k, path);
    uint64_t wait_ms = 0;
    sp_err err = cc_slot_change(
        &s, sp_slice_text(before), sp_slice_text(after), &wait_ms);

    return say(k, err, wait_ms, note);
}
