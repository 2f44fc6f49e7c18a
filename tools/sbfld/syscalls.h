#ifndef SBFLD_SYSCALLS_H
#define SBFLD_SYSCALLS_H

// The system calls of the Solana runtime. SBPF v0 names them in the dynamic symbol table, v3 calls the hash
// of the name.

#include <stdbool.h>
#include <stdint.h>

bool syscall_is_known(const char *name);
uint32_t syscall_hash(const char *name); // murmur3, 32 bits, seed 0

#endif
