#ifndef CHAIN_PROGRAMS_SDK_ABI_H
#define CHAIN_PROGRAMS_SDK_ABI_H

// The runtime's binary interface: the structures that system calls read and the system calls themselves.
// Every undefined function here becomes a system call when the program is linked by sbfld. Layouts are fixed
// by the runtime.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pubkey {
    union {
        uint8_t bytes[32];
        uint64_t words[4];
    };
};

struct account {
    struct pubkey *key;
    uint64_t *lamports;
    uint64_t size; // of data at entry; a call that resizes the account does not change it
    uint8_t *data;
    struct pubkey *owner;
    uint64_t rent_epoch;
    bool is_signer, is_writable, is_executable;
};

struct account_meta {
    const struct pubkey *key;
    bool is_writable, is_signer;
};

struct instruction {
    const struct pubkey *program;
    const struct account_meta *metas;
    uint64_t count;
    const uint8_t *data;
    uint64_t size;
};

struct slice { // also a seed of a program-derived address
    const void *start;
    uint64_t size;
};

struct signer {
    const struct slice *seeds; // the last one is the bump
    uint64_t count;
};

struct clock {
    uint64_t slot;
    int64_t epoch_started_s;
    uint64_t epoch, leader_schedule_epoch;
    int64_t now_s; // Unix time
};

struct rent {
    uint64_t lamports_per_byte;
    uint64_t threshold_bits; // an IEEE double
    uint8_t burn_percent;
};

_Static_assert(sizeof(struct account) == 56, "the runtime's SolAccountInfo");
_Static_assert(sizeof(struct account_meta) == 16, "the runtime's SolAccountMeta");
_Static_assert(sizeof(struct instruction) == 40, "the runtime's SolInstruction");

void sol_log_(const char *text, uint64_t size);
void sol_log_data(const struct slice *fields, uint64_t count);
void sol_memset_(void *to, uint8_t byte, uint64_t size);
uint64_t sol_sha256(const struct slice *parts, uint64_t count, uint8_t digest[32]);
uint64_t sol_curve_validate_point(uint64_t curve, const uint8_t point[32], uint8_t *unused);
uint64_t sol_invoke_signed_c(const struct instruction *, const struct account *, uint64_t count,
                             const struct signer *, uint64_t signers);
uint64_t sol_get_return_data(uint8_t *to, uint64_t size, struct pubkey *program);
uint64_t sol_get_clock_sysvar(struct clock *);
uint64_t sol_get_rent_sysvar(struct rent *);

// 32 KiB of zeroed memory, fresh in every invocation.
#define SOL_HEAP ((void *)0x300000000)

static inline bool pubkey_equal(const struct pubkey *a, const struct pubkey *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1] && a->words[2] == b->words[2] &&
           a->words[3] == b->words[3];
}

#endif
