#include "services/chain/news.h"

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "services/chain/chain.h"

void chain_news_tell(struct chain *chain, const struct news_item *items, size_t count)
{
    if (!chain->publisher) return;
    const Google__Protobuf__Timestamp time = stamp_of(clock_unix_ms());
    for (size_t i = 0; i < count; i++) {
        Bus__Notice notice = BUS__NOTICE__INIT;
        notice.stream = items[i].stream;
        notice.seq = items[i].number;
        notice.time = (Google__Protobuf__Timestamp *)&time;
        bus_publish(chain->publisher, &notice);
    }
}
