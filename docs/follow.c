// Follows one stream without loss: live notices by SUB, what is missing by Feed.Read over REQ.
//   cc -Ibuild/gen docs/follow.c build/lib/room.a -lnng -lprotobuf-c   usage: follow RUN_FOLDER SERVICE
//   STREAM
#include <nng/nng.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.pb-c.h"
#include "rpc.pb-c.h"

static uint64_t seen; // newest sequence number that was handled

static void handle(const Bus__Notice *notice)
{
    if (notice->seq <= seen) return; // at least once: the second time is nothing new
    seen = notice->seq;
    printf("%s %llu %s\n", notice->stream, (unsigned long long)notice->seq, notice->kind);
    fflush(stdout);
}

// One frame: u32 little-endian length, packed envelope (this host is taken to be little-endian).
static Rpc__Reply *ask(nng_socket socket, const char *method, const ProtobufCMessage *question)
{
    uint8_t payload[512], envelope[1024];
    Rpc__Request request = RPC__REQUEST__INIT;
    nng_msg *message;
    request.method = method;
    request.timeout_ms = 5000;
    request.payload = (ProtobufCBinaryData){protobuf_c_message_pack(question, payload), payload};
    uint32_t len = (uint32_t)rpc__request__pack(&request, envelope);
    if (nng_msg_alloc(&message, 0) != 0) exit(1);
    nng_msg_append(message, &len, 4);
    nng_msg_append(message, envelope, len);
    if (nng_sendmsg(socket, message, 0) != 0 || nng_recvmsg(socket, &message, 0) != 0) exit(1);
    Rpc__Reply *reply =
        rpc__reply__unpack(NULL, nng_msg_len(message) - 4, (uint8_t *)nng_msg_body(message) + 4);
    nng_msg_free(message);
    return reply;
}

// Reads everything after `seen`.
static void catch_up(nng_socket socket, const char *service, const char *stream)
{
    char method[64];
    Bus__ReadRequest question = BUS__READ_REQUEST__INIT;
    snprintf(method, sizeof method, "%s.feed.Read", service);
    question.stream = stream;
    for (uint64_t head = seen + 1; seen < head;) {
        question.from = seen + 1;
        Rpc__Reply *reply = ask(socket, method, &question.base);
        Bus__ReadReply *page = reply && reply->code == 0
                                   ? bus__read_reply__unpack(NULL, reply->payload.len, reply->payload.data)
                                   : NULL;
        if (!page) exit(1);
        head = page->n_notices ? page->head : 0;
        for (size_t i = 0; i < page->n_notices; i++) handle(page->notices[i]);
        bus__read_reply__free_unpacked(page, NULL);
        rpc__reply__free_unpacked(reply, NULL);
    }
}

int main(int argc, char **argv)
{
    nng_socket sub, req;
    char address[512];
    if (argc != 4 || nng_sub0_open(&sub) != 0 || nng_req0_open(&req) != 0) return 2;
    nng_socket_set(sub, NNG_OPT_SUB_SUBSCRIBE, argv[3],
                   strlen(argv[3]) + 1); // with the 0x00: this stream alone
    nng_socket_set_ms(sub, NNG_OPT_RECVTIMEO, 5000);
    snprintf(address, sizeof address, "ipc://%s/%s-bus.ipc", argv[1], argv[2]);
    if (nng_dial(sub, address, NULL, 0) != 0) return 1;
    snprintf(address, sizeof address, "ipc://%s/%s.ipc", argv[1], argv[2]);
    if (nng_dial(req, address, NULL, 0) != 0) return 1;
    for (;;) {
        catch_up(req, argv[2], argv[3]); // at the start, after a gap, and after five silent seconds
        for (nng_msg *message; nng_recvmsg(sub, &message, 0) == 0;) {
            size_t topic = strlen(argv[3]) + 1;
            Bus__Notice *notice = bus__notice__unpack(NULL, nng_msg_len(message) - topic,
                                                      (uint8_t *)nng_msg_body(message) + topic);
            nng_msg_free(message);
            bool gap = !notice || notice->seq > seen + 1;
            if (!gap) handle(notice);
            if (notice) bus__notice__free_unpacked(notice, NULL);
            if (gap) break;
        }
    }
}
