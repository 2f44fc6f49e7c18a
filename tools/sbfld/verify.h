#ifndef SBFLD_VERIFY_H
#define SBFLD_VERIFY_H

// Refuses what the runtime's verifier would refuse at deployment, and what the verifier would accept although
// the virtual machine computes it differently from the BPF that compilers target.

#include "tools/sbfld/fault.h"
#include "tools/sbfld/image.h"

// System calls are still open: their immediate is -1, as compilers leave it.
bool verify_text(const struct image *, struct fault *);

#endif
