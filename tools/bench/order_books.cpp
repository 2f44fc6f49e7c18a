// The order book beside CppTrader's, on the flows of market_bench: both are fed each flow in turn in one
// process, a fresh book each round, by the CPU time of the one thread. Exits 1 when ours is behind on a flow,
// or when the two do not trade alike. CppTrader has no owners, so all are nobody's; it modifies by deleting
// and adding.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include "trader/matching/market_manager.h"

extern "C" {
#include "tools/bench/market_flow.h"
}

namespace trader = CppTrader::Matching;

namespace
{

constexpr int ROUNDS = 5;
constexpr uint64_t SEED = 20260;
constexpr uint32_t SYMBOL = 1;

struct tally {
    double seconds;
    uint64_t trades, quantity;
};

double cpu_seconds()
{
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

class Counter : public trader::MarketHandler
{
  public:
    uint64_t executions = 0, quantity = 0; // of each trade two, one of each order

  protected:
    void onExecuteOrder(const trader::Order &, uint64_t, uint64_t traded) override
    {
        executions++;
        quantity += traded;
    }
};

// Prices of theirs have no sign: the same order, from the middle of what they may be.
uint64_t price_of(const market_command &command) { return (uint64_t)command.price + (1ULL << 63); }

trader::Order order_of(const market_command &command, trader::OrderSide side)
{
    const auto force =
        command.time_in_force == MARKET_IOC ? trader::OrderTimeInForce::IOC : trader::OrderTimeInForce::GTC;
    return trader::Order::Limit(command.order_id, SYMBOL, side, price_of(command), command.quantity, force);
}

void apply(trader::MarketManager &market, const market_command &command)
{
    if (command.kind == MARKET_ADD) {
        market.AddOrder(
            order_of(command, command.side == MARKET_BUY ? trader::OrderSide::BUY : trader::OrderSide::SELL));
        return;
    }
    const trader::Order *known = market.GetOrder(command.order_id);
    if (!known) return;
    const trader::OrderSide side = known->Side;
    market.DeleteOrder(command.order_id);
    if (command.kind == MARKET_MODIFY) market.AddOrder(order_of(command, side));
}

tally run_theirs(const std::vector<market_command> &flow)
{
    Counter counter;
    trader::MarketManager market(counter);
    const trader::Symbol symbol(SYMBOL, "CARDS\0\0");
    market.AddSymbol(symbol);
    market.AddOrderBook(symbol);
    market.EnableMatching();
    const double start = cpu_seconds();
    for (const auto &command : flow) apply(market, command);
    return {cpu_seconds() - start, counter.executions / 2, counter.quantity / 2};
}

tally run_ours(const std::vector<market_command> &flow)
{
    const std::unique_ptr<market, void (*)(market *)> book(market_create(FLOW_ORDERS_MAX, SEED),
                                                           market_destroy);
    market_result result;
    tally tally{};
    if (!book) std::exit(2);
    const double start = cpu_seconds();
    for (const auto &command : flow) {
        market_apply(book.get(), &command, &result);
        tally.trades += result.trade_count;
        tally.quantity += result.filled;
    }
    tally.seconds = cpu_seconds() - start;
    return tally;
}

std::vector<market_command> read_flow(const flow_kind &kind, uint64_t seed)
{
    const std::unique_ptr<market_command, void (*)(void *)> made(flow_create(&kind, seed), std::free);
    if (!made) std::exit(2);
    std::vector<market_command> flow(made.get(), made.get() + FLOW_MESSAGES);
    for (auto &command : flow) command.owner_id = 0;
    return flow;
}

double median(std::vector<double> all)
{
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
}

bool compare(const flow_kind &kind, uint64_t seed)
{
    const auto flow = read_flow(kind, seed);
    std::vector<double> ours, theirs;
    bool alike = true;
    for (int round = 0; round < ROUNDS; round++) {
        const tally own = run_ours(flow), other = run_theirs(flow);
        ours.push_back(own.seconds);
        theirs.push_back(other.seconds);
        alike = alike && own.trades == other.trades && own.quantity == other.quantity;
    }
    const double ratio = median(theirs) / median(ours);
    std::printf("%-14s %8.1f %10.1f %7.2f%s\n", kind.name, FLOW_MESSAGES / median(ours) / 1e6,
                FLOW_MESSAGES / median(theirs) / 1e6, ratio, alike ? "" : "  other trades");
    return alike && ratio > 1;
}

} // namespace

int main()
{
    bool ahead = true;
    std::printf("%-14s %8s %10s %7s\n", "M messages/s", "ours", "CppTrader", "ratio");
    for (size_t i = 0; i < flow_kinds_count; i++) ahead = compare(flow_kinds[i], SEED + i) && ahead;
    return ahead ? 0 : 1;
}
