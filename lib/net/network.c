#include "lib/net/network.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

_Static_assert(NETWORK_TEXT == INET6_ADDRSTRLEN, "any address fits");

static void clear_after(unsigned char *bytes, unsigned size, unsigned bits)
{
    if (bits / 8 >= size) return;
    bytes[bits / 8] &= (unsigned char)(0xff00 >> bits % 8);
    memset(bytes + bits / 8 + 1, 0, size - bits / 8 - 1);
}

void network_of(char out[NETWORK_TEXT], const char *address, unsigned v4_bits, unsigned v6_bits)
{
    struct in6_addr six;
    struct in_addr four;
    bool is_six = inet_pton(AF_INET6, address, &six) == 1;
    bool is_mapped = is_six && IN6_IS_ADDR_V4MAPPED(&six);
    if (is_mapped) memcpy(&four, six.s6_addr + 12, sizeof four);
    if (is_six && !is_mapped) {
        clear_after(six.s6_addr, sizeof six.s6_addr, v6_bits);
        inet_ntop(AF_INET6, &six, out, NETWORK_TEXT);
    } else if (is_mapped || inet_pton(AF_INET, address, &four) == 1) {
        clear_after((unsigned char *)&four, sizeof four, v4_bits);
        inet_ntop(AF_INET, &four, out, NETWORK_TEXT);
    } else {
        snprintf(out, NETWORK_TEXT, "%s", address);
    }
}

void network_household(char out[NETWORK_TEXT], const char *address) { network_of(out, address, 32, 64); }
