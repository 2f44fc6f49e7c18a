#include "services/events/catalogue/older.h"

// No update takes `wakes` away again.
static bool complete_role(Events__Role *role, const Events__Role *seed)
{
    if (role->wakes != EVENTS__ROLE__WAKES__WAKES_UNSPECIFIED) return false;
    role->wakes = seed->wakes;
    role->night_order = seed->night_order;
    role->n = seed->n;
    role->meets = seed->meets;
    role->prompt = seed->prompt;
    role->prompt_fa = seed->prompt_fa;
    if (!role->effect_fa[0]) role->effect_fa = seed->effect_fa;
    return true;
}

// No update empties `name_fa`.
static bool complete_last_move(Events__LastMove *move, const Events__LastMove *seed)
{
    if (move->name_fa[0]) return false;
    move->name_fa = seed->name_fa;
    if (!move->effect_fa[0]) move->effect_fa = seed->effect_fa;
    return true;
}

static bool complete_side(Events__Side *side, const Events__Side *seed)
{
    if (side->meets__case) return false;
    side->meets__case = EVENTS__SIDE__MEETS__MEETS;
    side->meets = seed->meets;
    return true;
}

bool older_complete(ProtobufCMessage *row, const ProtobufCMessage *seed)
{
    if (row->descriptor == &events__side__descriptor)
        return complete_side((Events__Side *)row, (const Events__Side *)seed);
    if (row->descriptor == &events__role__descriptor)
        return complete_role((Events__Role *)row, (const Events__Role *)seed);
    return row->descriptor == &events__last_move__descriptor &&
           complete_last_move((Events__LastMove *)row, (const Events__LastMove *)seed);
}
