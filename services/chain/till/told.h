// What events are told of a payment's entry, or an event's: the entries of chain.payments.
#ifndef CHAIN_TILL_TOLD_H
#define CHAIN_TILL_TOLD_H

#include "lib/base/arena.h"
#include "services/chain/till/stored.h"

#define TOLD_STREAM "chain.payments"

enum { TOLD_MOST = 6 };

// Packed, in their order; returns how many. An arena without room fails.
size_t told_of(const Ledger__Entry *entry, struct arena *arena, ProtobufCBinaryData told[TOLD_MOST]);

#endif
