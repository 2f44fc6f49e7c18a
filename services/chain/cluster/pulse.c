#include "services/chain/cluster/pulse.h"

enum { CLOCK_BACK_S = 60 };

static const char *check_alone(const struct pulse *now)
{
    if (now->finalized_height > now->finalized_slot) return "it has more blocks than slots";
    if (now->newest.slot < now->finalized_slot) return "its newest block is older than a finalized one";
    return now->newest.last_valid_height < now->finalized_height ? "its newest blockhash is dead" : NULL;
}

// What was finalized stays so: the node is behind, or of another cluster.
const char *pulse_check(const struct pulse *before, const struct pulse *now)
{
    const char *wrong = check_alone(now);
    if (wrong || !before) return wrong;
    if (!solana_key_equal(&before->genesis, &now->genesis)) return "it is of another cluster";
    if (now->finalized_slot < before->finalized_slot || now->finalized_height < before->finalized_height)
        return "it is behind what was finalized";
    if (now->finalized_height - before->finalized_height > now->finalized_slot - before->finalized_slot)
        return "it has more blocks than slots since";
    return now->clock_s < before->clock_s - CLOCK_BACK_S ? "its clock goes back" : NULL;
}
