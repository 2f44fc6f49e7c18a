// The tables that chain keeps; tables.c has their indexes.
#ifndef CHAIN_TABLES_H
#define CHAIN_TABLES_H

#include "lib/store/store.h"

enum chain_table {
    CHAIN_PLACES, // before what is made, so that a dump of a store in use has no place ahead of it
    CHAIN_BLOCKS,
    CHAIN_ORDERS, // closed ones
    CHAIN_TRADES,
    CHAIN_CANDLES,
    CHAIN_PAYMENTS,
    CHAIN_PAID_EVENTS,
    CHAIN_WITHDRAWALS,
    CHAIN_COINS, // that games gave
    CHAIN_CHUNKS,
    CHAIN_BEACONS,  // of deals; before the place up to which events were followed, likewise
    CHAIN_CONSUMED, // before the names, likewise
    CHAIN_NAMES,
    CHAIN_LEASES,
    CHAIN_BEATS,
    CHAIN_KEYS,
    CHAIN_ADDRESSES,
    CHAIN_TABLES
};
extern const struct store_table chain_tables[]; // by enum chain_table, ended by a NULL name

#endif
