// Follows a stream without loss: follow BUS_ADDRESS RPC_ADDRESS SERVICE.feed.Read STREAM
#include <nng/nng.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdio.h>
#include <string.h>
#include "bus.pb-c.h"
#include "rpc.pb-c.h"

static uint64_t seen;       // number of the newest notice handled: store both together with what it did
static uint64_t generation; // of the store that the number belongs to

static bool take_notice(const Bus__Notice *notice) // false: some before it are missing
{
    if (notice->generation && notice->generation != generation) return false;
    if (notice->seq == seen + 1) printf("%s %ju %s\n", notice->stream, (uintmax_t)++seen, notice->kind);
    return notice->seq <= seen;
}
static bool take_message(nng_msg *message) // the stream's name, 0x00, a packed Notice
{
    nng_msg_trim(message, strlen(nng_msg_body(message)) + 1);
    Bus__Notice *notice = bus__notice__unpack(NULL, nng_msg_len(message), nng_msg_body(message));
    bool is_whole = notice && take_notice(notice);
    bus__notice__free_unpacked(notice, NULL);
    nng_msg_free(message);
    return is_whole;
}
static bool read_page(nng_socket req, char *method, char *stream) // true: there is more to read
{
    uint8_t payload[256], frame[512], *reply; // a frame: length (u32 little-endian, as this host's), envelope
    Bus__ReadRequest question = BUS__READ_REQUEST__INIT;
    Rpc__Request request = RPC__REQUEST__INIT;
    question.stream = stream, question.from = seen + 1;
    request.method = method, request.timeout_ms = 5000, request.asker = CONSE__ASKER__VALUE__OPERATOR;
    request.payload = (ProtobufCBinaryData){bus__read_request__pack(&question, payload), payload};
    size_t len = rpc__request__pack(&request, frame + 4);
    memcpy(frame, &len, 4);
    if (nng_send(req, frame, 4 + len, 0) || nng_recv(req, &reply, &len, NNG_FLAG_ALLOC)) return false;
    Rpc__Reply *got = rpc__reply__unpack(NULL, len - 4, reply + 4); // with an empty payload if it is an error
    Bus__ReadReply *page = got ? bus__read_reply__unpack(NULL, got->payload.len, got->payload.data) : NULL;
    if (page && page->generation != generation) seen = generation ? 0 : seen, generation = page->generation;
    if (page && page->oldest > seen + 1) seen = page->oldest - 1; // those before are no longer kept
    for (size_t i = 0; page && i < page->n_notices; i++) take_notice(page->notices[i]);
    bool more = page && seen < page->head;
    bus__read_reply__free_unpacked(page, NULL);
    rpc__reply__free_unpacked(got, NULL);
    nng_free(reply, len);
    return more;
}
int main(int argc, char **argv)
{
    nng_socket sub, req;
    if (argc != 5 || nng_sub0_open(&sub) || nng_dial(sub, argv[1], NULL, NNG_FLAG_NONBLOCK)) return 2;
    if (nng_req0_open(&req) || nng_dial(req, argv[2], NULL, NNG_FLAG_NONBLOCK)) return 2;
    nng_socket_set(sub, NNG_OPT_SUB_SUBSCRIBE, argv[4], strlen(argv[4]) + 1);
    nng_socket_set_ms(sub, NNG_OPT_RECVTIMEO, 1000);
    nng_socket_set_ms(req, NNG_OPT_RECVTIMEO, 5000);
    setlinebuf(stdout);
    for (nng_msg *message;;) { // at the start, at a gap, and after a silent second: one may have been lost
        while (read_page(req, argv[3], argv[4])) continue;
        while (nng_recvmsg(sub, &message, 0) == 0 && take_message(message)) continue;
    }
}
