/* Entry of libFuzzer; built once a target, with FUZZ_TARGET its function. */
#include "sp/seal.h"
#include "target.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    SP_ASSERT(sp_crypto_init() == SP_OK);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_TARGET(sp_slice_of(data, size));
    return 0;
}
