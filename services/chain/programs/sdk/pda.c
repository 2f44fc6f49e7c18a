#include "services/chain/programs/sdk/pda.h"

static const char MARKER[] = "ProgramDerivedAddress";
enum { CURVE_EDWARDS = 0 };

uint64_t pda_find(struct pda *pda, const struct pubkey *program)
{
    pda->seeds[pda->count] = (struct slice){&pda->bump, 1};
    pda->seeds[pda->count + 1] = (struct slice){program, sizeof *program};
    pda->seeds[pda->count + 2] = (struct slice){MARKER, sizeof MARKER - 1};
    for (unsigned bump = 256; bump-- > 0;) {
        pda->bump = (uint8_t)bump;
        sol_sha256(pda->seeds, pda->count + 3, pda->address.bytes);
        bool on_curve = sol_curve_validate_point(CURVE_EDWARDS, pda->address.bytes, NULL) == 0;
        if (!on_curve) return SUCCESS;
    }
    return ERROR_WRONG_ADDRESS;
}

uint64_t pda_check(struct pda *pda, const struct account *a, const struct pubkey *program)
{
    uint64_t error = pda_find(pda, program);
    if (error) return error;
    return pubkey_equal(&pda->address, a->key) ? SUCCESS : ERROR_WRONG_ADDRESS;
}

void pda_signer(struct pda *pda, struct signer *signer)
{
    pda->seeds[pda->count] = (struct slice){&pda->bump, 1};
    *signer = (struct signer){pda->seeds, pda->count + 1};
}
