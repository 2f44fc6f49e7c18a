#include "lib/net/public_address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct block_v4 {
    uint8_t bytes[4], bits;
};

// IANA's registry of special addresses, and one of a cloud.
static const struct block_v4 special_v4[] = {
    {{0, 0, 0, 0}, 8},        {{10, 0, 0, 0}, 8},      {{100, 64, 0, 0}, 10},   {{127, 0, 0, 0}, 8},
    {{168, 63, 129, 16}, 32}, {{169, 254, 0, 0}, 16},  {{172, 16, 0, 0}, 12},   {{192, 0, 0, 0}, 24},
    {{192, 0, 2, 0}, 24},     {{192, 31, 196, 0}, 24}, {{192, 52, 193, 0}, 24}, {{192, 88, 99, 0}, 24},
    {{192, 168, 0, 0}, 16},   {{192, 175, 48, 0}, 24}, {{198, 18, 0, 0}, 15},   {{198, 51, 100, 0}, 24},
    {{203, 0, 113, 0}, 24},   {{224, 0, 0, 0}, 4},     {{240, 0, 0, 0}, 4},
};

struct block_v6 {
    uint8_t bytes[4], bits;
};

// Outside 2000::/3 nothing is public, mapped and translated addresses (::ffff:0:0/96, 64:ff9b::/32) included.
// Within it: assignments of protocols (Teredo, ORCHID, benchmarks), documentation twice, 6to4, AS112.
static const struct block_v6 global_v6 = {{0x20, 0, 0, 0}, 3};
static const struct block_v6 special_v6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, {{0x20, 0x01, 0x0d, 0xb8}, 32}, {{0x20, 0x02, 0, 0}, 16},
    {{0x26, 0x20, 0x00, 0x4f}, 32}, {{0x3f, 0xff, 0x00, 0x00}, 20}, {{0x3f, 0xfe, 0, 0}, 16},
};

static bool has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    uint8_t mask = (uint8_t)(0xff00 >> rest);
    return memcmp(address, prefix, whole) == 0 &&
           (!rest || (address[whole] & mask) == (prefix[whole] & mask));
}

static bool is_public_v4(const uint8_t address[4])
{
    for (size_t i = 0; i < sizeof special_v4 / sizeof *special_v4; i++)
        if (has_prefix(address, special_v4[i].bytes, special_v4[i].bits)) return false;
    return true;
}

static bool is_public_v6(const uint8_t address[16])
{
    if (!has_prefix(address, global_v6.bytes, global_v6.bits)) return false;
    for (size_t i = 0; i < sizeof special_v6 / sizeof *special_v6; i++)
        if (has_prefix(address, special_v6[i].bytes, special_v6[i].bits)) return false;
    return true;
}

bool address_is_public(const struct sockaddr *address)
{
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    if (address->sa_family == AF_INET) {
        memcpy(&four, address, sizeof four);
        return is_public_v4((const uint8_t *)&four.sin_addr);
    }
    if (address->sa_family != AF_INET6) return false;
    memcpy(&six, address, sizeof six);
    return is_public_v6(six.sin6_addr.s6_addr);
}

bool address_is_loopback(const struct sockaddr *address)
{
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    if (address->sa_family == AF_INET) {
        memcpy(&four, address, sizeof four);
        return ntohl(four.sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family != AF_INET6) return false;
    memcpy(&six, address, sizeof six);
    return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}
