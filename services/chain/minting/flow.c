#include "services/chain/minting/flow.h"

#include <string.h>

// From one account to another; nobody: 0, twice.
static bool add_change(struct book_call *b, const struct card_mint *mint, uint32_t from, uint32_t to,
                       bool found)
{
    Ledger__CardMinted minted = LEDGER__CARD_MINTED__INIT;
    struct ledger_posting moved[] = {{from, mint->asset, -1}, {to, mint->asset, 1}};
    minted.asset = mint->asset;
    minted.card = mint->card;
    minted.number = mint->number;
    minted.state = mint->state;
    minted.account = mint->account;
    minted.mint = (ProtobufCBinaryData){MINT_KEY_BYTES, (uint8_t *)mint->address};
    minted.wallet = (ProtobufCBinaryData){MINT_KEY_BYTES, (uint8_t *)mint->wallet};
    minted.last_valid_height = mint->last_valid_height;
    minted.found = found;
    return book_add(b, LEDGER__ENTRY__BODY_CARD_MINTED, &minted.base, moved,
                    from != to ? ledger_net(moved, 2) : 0);
}

static uint32_t fund_of(struct book_call *b)
{
    const struct ledger_owner owner = mints_fund();
    return book_account(b, &owner);
}

struct card_id minting_card_id(const struct book *book, const struct solana_key *authority, uint32_t asset,
                               uint32_t card)
{
    const struct exchange_role *role = exchange_role(&book->exchange, asset);
    struct card_id id = {.authority = *authority,
                         .chain = book->blocks.chain,
                         .card = card,
                         .number = mints_next_number(&book->exchange.mints, asset, card)};
    memcpy(id.role, role->role_id, sizeof id.role);
    memcpy(id.event, cards_event(&role->cards, card), sizeof id.event);
    return id;
}

static struct card_mint mint_of(const struct book_call *b, const struct minting_asked *asked,
                                enum mint_state state)
{
    struct card_mint mint = {
        .asset = asked->asset,
        .card = asked->card,
        .number = mints_next_number(&b->book->exchange.mints, asked->asset, asked->card),
        .account = asked->account,
        .last_valid_height = asked->last_valid_height,
        .state = state,
    };
    memcpy(mint.address, asked->mint.bytes, sizeof mint.address);
    memcpy(mint.wallet, asked->wallet.bytes, sizeof mint.wallet);
    return mint;
}

bool minting_begin(struct book_call *b, const struct minting_asked *asked)
{
    const struct card_mint mint = mint_of(b, asked, MINT_SENT);
    const uint32_t fund = fund_of(b);
    return !b->failed && add_change(b, &mint, asked->account, fund, false);
}

void minting_find(struct book_call *b, const struct minting_asked *found)
{
    const struct card_mint mint = mint_of(b, found, MINT_THERE);
    const uint32_t fund = fund_of(b);
    if (!b->failed) add_change(b, &mint, found->account, fund, true);
}

void minting_move(struct book_call *b, const struct card_mint *mint, enum mint_state state)
{
    struct card_mint moved = *mint;
    moved.state = state;
    if (state == MINT_DEAD)
        add_change(b, &moved, fund_of(b), mint->account, false);
    else
        add_change(b, &moved, 0, 0, false);
}

void minting_burn(struct book_call *b, const struct card_mint *mint, const struct solana_key *owner)
{
    struct card_mint burned = *mint;
    burned.state = MINT_BURNED;
    memcpy(burned.wallet, owner->bytes, sizeof burned.wallet);
    add_change(b, &burned, 0, 0, false);
}

void minting_give_back(struct book_call *b, const struct card_mint *mint, uint32_t account)
{
    struct card_mint back = *mint;
    back.state = MINT_BACK;
    back.account = account;
    add_change(b, &back, fund_of(b), account, false);
}
