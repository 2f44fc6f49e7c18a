// What every call meets around its handler, whether it came over a socket or not. Private to the room.
#ifndef LIB_RPC_RUN_H
#define LIB_RPC_RUN_H

#include "lib/rpc/server.h"

// Says who asks: a program for nobody, for a user, or the operator. MALFORMED when it is none of the three.
MUST_CHECK bool rpc_identify(struct rpc_call *call, Conse__Asker__Value asker, const Rpc__Caller *caller,
                             struct err *err);
// Whether the method of the call is for the program and for a caller of this level.
MUST_CHECK bool rpc_admit(const struct rpc_call *call, struct err *err);
// Runs the handler of call->method on call->request. *reply lives in the call's arena. A handler that answers
// without having judged the caller's right to the object is a fault of ours.
MUST_CHECK bool rpc_run(struct rpc_call *call, rpc_handler *handler, ProtobufCMessage **reply,
                        struct err *err);

#endif
