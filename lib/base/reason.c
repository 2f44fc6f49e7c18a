#include "lib/base/reason.h"

const struct reason *reason_all(size_t *count)
{
    *count = reason_table_size;
    return reason_table;
}

const struct reason *reason_find(Conse__Reason__Value value)
{
    size_t i = (size_t)value;
    if (i >= reason_table_size || !reason_table[i].name) i = CONSE__REASON__VALUE__INTERNAL_ERROR;
    return &reason_table[i];
}
