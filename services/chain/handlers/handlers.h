// The methods of chain.Chain, chain.Market, chain.Payments and of the service's Feed and Keys: chain_methods
// has all of them, the other tables have them by subject.
#ifndef CHAIN_HANDLERS_HANDLERS_H
#define CHAIN_HANDLERS_HANDLERS_H

#include "chain.pb-c.h"
#include "services/chain/book/call.h"

extern const struct rpc_method *const chain_methods[];

extern const struct rpc_method chain_wallet_methods[], chain_belonging_methods[], chain_transfer_methods[],
    chain_signed_methods[], chain_block_methods[], chain_order_methods[], chain_market_methods[],
    chain_card_methods[], chain_payment_methods[], chain_permit_methods[], chain_pot_methods[],
    chain_dispute_methods[], chain_withdrawal_methods[], chain_minting_methods[],
    chain_card_burning_methods[], chain_follow_methods[], chain_feed_methods[], chain_operator_methods[];

#endif
