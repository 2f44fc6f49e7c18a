#include "tools/sbfld/syscalls.h"

#include <string.h>

#include "tools/sbfld/bytes.h"

static const char *const NAMES[] = {
    "abort",
    "sol_alt_bn128_compression",
    "sol_alt_bn128_group_op",
    "sol_big_mod_exp",
    "sol_blake3",
    "sol_create_program_address",
    "sol_curve_decompress",
    "sol_curve_group_op",
    "sol_curve_multiscalar_mul",
    "sol_curve_pairing_map",
    "sol_curve_validate_point",
    "sol_get_clock_sysvar",
    "sol_get_epoch_rewards_sysvar",
    "sol_get_epoch_schedule_sysvar",
    "sol_get_epoch_stake",
    "sol_get_last_restart_slot",
    "sol_get_processed_sibling_instruction",
    "sol_get_rent_sysvar",
    "sol_get_return_data",
    "sol_get_stack_height",
    "sol_get_sysvar",
    "sol_invoke_signed_c",
    "sol_invoke_signed_rust",
    "sol_keccak256",
    "sol_log_",
    "sol_log_64_",
    "sol_log_compute_units_",
    "sol_log_data",
    "sol_log_pubkey",
    "sol_memcmp_",
    "sol_memcpy_",
    "sol_memmove_",
    "sol_memset_",
    "sol_panic_",
    "sol_poseidon",
    "sol_remaining_compute_units",
    "sol_secp256k1_recover",
    "sol_set_return_data",
    "sol_sha256",
    "sol_sha512",
    "sol_try_find_program_address",
};

bool syscall_is_known(const char *name)
{
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(name, NAMES[i]) == 0) return true;
    return false;
}

static uint32_t rotate_left(uint32_t x, int bits) { return x << bits | x >> (32 - bits); }

static uint32_t syscalls_scramble(uint32_t block)
{
    return rotate_left(block * 0xcc9e2d51u, 15) * 0x1b873593u;
}

uint32_t syscall_hash(const char *name)
{
    const uint8_t *bytes = (const uint8_t *)name;
    size_t size = strlen(name), i;
    uint32_t hash = 0, tail = 0;
    for (i = 0; i + 4 <= size; i += 4)
        hash = rotate_left(hash ^ syscalls_scramble(bytes_get_u32(bytes + i)), 13) * 5 + 0xe6546b64u;
    for (size_t j = size; j > i; j--) tail = tail << 8 | bytes[j - 1];
    hash ^= syscalls_scramble(tail) ^ (uint32_t)size;
    hash = (hash ^ hash >> 16) * 0x85ebca6bu;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
    return hash ^ hash >> 16;
}
