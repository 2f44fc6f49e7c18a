#include "services/chain/handlers/handlers.h"
#include "services/chain/lists/handlers/methods.h"

const struct rpc_method *const chain_methods[] = {
    chain_wallet_methods,       chain_belonging_methods,
    chain_transfer_methods,     chain_signed_methods,
    chain_block_methods,        chain_order_methods,
    chain_market_methods,       chain_card_methods,
    chain_payment_methods,      chain_permit_methods,
    chain_pot_methods,          chain_dispute_methods,
    chain_withdrawal_methods,   chain_minting_methods,
    list_reading_methods,       list_adding_methods,
    list_burning_methods,       chain_follow_methods,
    chain_feed_methods,         chain_operator_methods,
    chain_card_burning_methods, NULL,
};
