// The evening that evening_test.c plays: its viewers, the steps, the questions of everybody after each step,
// and the attempts by people without a right.
#ifndef EVENTS_TESTING_EVENING_H
#define EVENTS_TESTING_EVENING_H

#include "services/events/testing/service.h"

enum { A = USER, B, VIEWER, SEATED_DEV, WAITING, STRANGER };

struct viewer_row {
    const char *name;
    unsigned user; // 0: nobody
    uint32_t level;
};

static const struct viewer_row viewers[] = {
    {"public", 0, 0},
    {"viewer", VIEWER, LEVEL_PLAYER},
    {"seated_dev", SEATED_DEV, LEVEL_DEV},
    {"waiting", WAITING, LEVEL_PLAYER},
    {"stranger", STRANGER, LEVEL_PLAYER},
    {"other_god", OTHER_GOD, LEVEL_GOD},
    {"neighbour", B, LEVEL_PLAYER},
    {"owner", A, LEVEL_PLAYER},
    {"god", GOD, LEVEL_GOD},
};
enum {
    VIEWERS = sizeof viewers / sizeof *viewers,
    THE_NEIGHBOUR = VIEWERS - 3,
    THE_OWNER = VIEWERS - 2,
    THE_GOD = VIEWERS - 1
};

static inline struct asker asker_of(const struct viewer_row *row)
{
    return (struct asker){row->user ? id_of(row->user) : "", row->level};
}

struct step {
    const char *who, *method, *request;
    bool may_fail; // in one of the evenings, because of the hidden role
};

#define EVENT "'event_id':'$event'"
#define ROOM(name) "{'room_id':'$event." name "'"
#define SAYS(name, id, text) ROOM(name) ",'client_id':'client-id-of-" id "','text':'" text "'}"

static const struct step opening[] = {
    {"god", "events.CreateGroup", "{'name':'Friday'}", false},
    {"god", "events.CreateDeck",
     "{'group_id':'$group','name':'small','roles':[{'role_id':'$spy','copies':1},{'role_id':'$opium','copies'"
     ":1},"
     "{'role_id':'$jailer','copies':1},{'role_id':'$nightmare','copies':1},{'role_id':'$bomber','copies':1},"
     "{'role_id':'$surgeon','copies':1}],'last_moves':[{'last_move_id':'$move','copies':1},"
     "{'last_move_id':'$secondmove','copies':1}]}",
     false},
    {"clock", "10", NULL, false},
    {"god", "events.CreateEvent",
     "{'group_id':'$group','deck_id':'$deck','title':'Evening','content':'bring tea','starts_at':"
     "{'local':'2027-01-15T11:30:00','zone':'Asia/Tehran'},'max_players':4,'waitlist':true}",
     false},
};

static const struct step evening_steps[] = {
    {"owner", "events.Reserve", "{" EVENT ",'nonce':'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='}", false},
    {"neighbour", "events.Reserve", "{" EVENT "}", false},
    {"viewer", "events.Reserve", "{" EVENT ",'nonce':'IAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='}", false},
    {"seated_dev", "events.Reserve", "{" EVENT "}", false},
    {"waiting", "events.Reserve", "{" EVENT "}", false},
    {"viewer", "events.SendMessage", SAYS("table", "0001", "hello"), false},
    {"neighbour", "events.SendMessage", SAYS("table", "0002", "good evening"), false},
    {"viewer", "events.VoteEvent", "{" EVENT ",'vote':'UP'}", false},
    {"stranger", "events.VoteEvent", "{" EVENT ",'vote':'DOWN'}", false},
    {"clock", "172740000", NULL, false}, // reminders
    {"god", "events.AskReady", "{" EVENT ",'seconds':60}", false},
    {"owner", "events.SayReady", "{" EVENT "}", false},
    {"god", "events.LockEvent", "{" EVENT "}", false},
    {"god", "events.UnlockEvent", "{" EVENT "}", false},
    {"god", "events.LockEvent", "{" EVENT "}", false},
    {"god", "events.Reveal", "{" EVENT "}", false},
    {"god", "events.AddNote", "{" EVENT ",'user_id':'$owner','audience':'GOD','text':'whose card is this'}",
     false},
    {"god", "events.Reveal", "{" EVENT ",'redeal':{'reason':'a card fell'}}", false},
    {"god", "events.UpdatePlayer", "{" EVENT ",'user_id':'$owner','status':'ROLE_CHANGED'}", false},
    {"change", "events.UpdatePlayer", "{" EVENT ",'user_id':'$owner','role_id':'$changed'}", false},
    {"god", "events.AddNote", "{" EVENT ",'user_id':'$viewer','audience':'SIDE','text':'wake at one'}",
     false},
    {"god", "events.AddNote", "{" EVENT ",'user_id':'$owner','audience':'PLAYER','text':'wake at two'}",
     false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'DAY','timer':'600s'}", false},
    {"whisper:owner", "events.SendMessage", SAYS("god.$owner", "0003", "who am I?"), false},
    {"whisper:god", "events.SendMessage", SAYS("god.$owner", "0004", "@owner nobody"), false},
    {"whisper:owner", "events.SetTyping", ROOM("god.$owner") "}", false},
    {"whisper:owner", "events.SetRoomCursor", ROOM("god.$owner") ",'seq':2}", false},
    {"whisper:god", "events.SlowRoom", ROOM("god.$owner") ",'seconds':9}", false},
    {"whisper:god", "events.MuteInRoom",
     ROOM("table") ",'user_id':'$owner','until':'2027-01-16T00:00:00Z','reason':'shouts'}", false},
    {"viewer", "events.SendMessage", SAYS("table", "0005", "it was the neighbour"), false},
    {"god", "events.UpdatePhase", "{" EVENT ",'pause':true}", false},
    {"god", "events.UpdatePhase", "{" EVENT ",'pause':false,'extend':'60s'}", false},
    {"god", "events.UseAbility", "{" EVENT ",'user_id':'$owner','target_id':'$viewer','note':'at dawn'}",
     true},
    {"god", "events.UseAbility", "{" EVENT ",'user_id':'$owner'}", true},
    {"god", "events.UseAbility", "{" EVENT ",'user_id':'$owner','target_id':'$neighbour'}", true},
    {"god", "events.UseAbility", "{" EVENT ",'user_id':'$viewer','target_id':'$owner'}", true},
    {"god", "events.OpenPoll",
     "{" EVENT ",'kind':'NOMINATION','weights':[{'user_id':'$owner','weight':2}],'secret':false}", false},
    {"owner", "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'$neighbour'}", false},
    {"viewer", "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'$owner'}", false},
    {"viewer", "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'NONE'}", false},
    {"seated_dev", "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'$owner'}", false},
    {"god", "events.ClosePoll", "{" EVENT ",'poll_id':'$poll'}", false},
    {"god", "events.FoulPlayer", "{" EVENT ",'user_id':'$owner'}", false},
    {"god", "events.AskReady", "{" EVENT ",'seconds':60}", false},
    {"viewer", "events.SayReady", "{" EVENT "}", false},
    {"owner", "events.SayReady", "{" EVENT "}", false},
    {"god", "events.SetClock", "{" EVENT ",'user_id':'$owner','seconds':90,'label':'defence'}", false},
    {"god", "events.FoulPlayer", "{" EVENT ",'user_id':'$viewer'}", false},
    {"god", "events.ChainPlayer", "{" EVENT ",'user_id':'$owner','to_id':'$neighbour'}", false},
    {"god", "events.ChainPlayer", "{" EVENT ",'user_id':'$viewer','to_id':'$owner'}", false},
    {"god", "events.UpdatePlayer", "{" EVENT ",'user_id':'$owner','status':'PRO_KILLED_9_PHASES'}", false},
    {"god", "events.UpdatePlayer", "{" EVENT ",'user_id':'$owner','status':'DISABLED_3_PHASES'}", false},
    {"god", "events.UpdatePlayer", "{" EVENT ",'user_id':'$neighbour','status':'SILENT_6_PHASES'}", false},
    {"god", "events.OpenPoll",
     "{" EVENT ",'kind':'TRIAL','candidates':['$owner'],'secret':true,'closes_in':'30s'}", false},
    {"viewer", "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'$owner'}", false},
    {"clock", "31000", NULL, false}, // the poll closes
    {"god", "events.ScorePlayer", "{" EVENT ",'user_id':'$owner','score':200}", false},
    {"god", "events.ScorePlayer", "{" EVENT ",'user_id':'$viewer','score':7}", false},
    {"clock", "700000", NULL, false}, // the phase closes
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}", false},
    {"god", "events.SendMessage", SAYS("side.$mafiaside", "0006", "choose"), false},
    {"whisper:god", "events.SendMessage", SAYS("god.$owner", "0007", "sleep"), false},
    {"god", "events.UseAbility", "{" EVENT ",'user_id':'$owner'}", true},
    {"change", "events.UpdatePlayer", "{" EVENT ",'user_id':'$owner','side_id':'$changedside'}", false},
    {"god", "events.AddNote", "{" EVENT ",'user_id':'$viewer','audience':'SIDE','text':'sleep again'}",
     false},
    {"god", "events.AddTableNote", "{" EVENT ",'audience':'TABLE','text':'wake up'}", false},
    {"god", "events.AddTableNote", "{" EVENT ",'audience':'GOD','text':'who was it'}", false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'MID_DAY'}", false},
    {"god", "events.DrawLastMove", "{" EVENT ",'user_id':'$neighbour'}", false},
    {"god", "events.UpdatePlayer", "{" EVENT ",'user_id':'$neighbour','status':'DEFAULT'}", false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'DAY'}", false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}", false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'DAY'}", false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}", false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'DAY'}", false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}", false},
    {"god", "events.OpenPhase", "{" EVENT ",'kind':'DAY'}", false}, // the ninth closing kills
    {"god", "events.AddTableNote", "{" EVENT ",'audience':'DEAD','text':'rest in peace'}", false},
    {"god", "events.DrawLastMove", "{" EVENT ",'user_id':'$owner'}", false},
    {"god", "events.UpdatePlayer", "{" EVENT ",'user_id':'$owner','status':'DEFAULT'}", false},
    {"god", "events.UpdatePlayer", "{" EVENT ",'user_id':'$neighbour','status':'ROLE_CHANGED'}", false},
    {"god", "events.UpdatePlayer", "{" EVENT ",'user_id':'$owner','status':'KICKED'}", false},
    {"waiting", "events.VoteEvent", "{" EVENT ",'vote':'UP'}", false},
};

// The questions of everybody after each step.
static const struct step questions[] = {
    {NULL, "events.ListRooms", "{" EVENT "}", true},
    {NULL, "events.ListMessages", ROOM("table") "}", true},
    {NULL, "events.ListMessages", ROOM("god.$owner") "}", true},
    {NULL, "events.ListMessages", ROOM("god.$self") "}", true},
    {NULL, "events.ListMessages", ROOM("side.$mafiaside") "}", true},
    {NULL, "events.ListMessages", ROOM("dead") "}", true},
    {NULL, "events.ExportMessages", "{}", true},
    {NULL, "events.ListNotifications", "{'page_size':100}", true},
    {NULL, "events.GetEvent", "{" EVENT "}", true},
    {NULL, "events.ListEvents", "{}", true},
    {NULL, "events.ListEvents", "{'god_id':'$god','q':'even','page_size':1}", true},
    {NULL, "events.ListEvents", "{'player_id':'$owner'}", true},
    {NULL, "events.ListGroups", "{}", true},
    {NULL, "events.GetDeck", "{'deck_id':'$deck'}", true},
    {NULL, "events.GetCalendar", "{" EVENT "}", true},
    {NULL, "events.GetEventImage", "{'id':'$event'}", true},
    {NULL, "events.GetMyPlayer", "{" EVENT "}", true},
    {NULL, "events.GetDeal", "{" EVENT "}", true},
    {NULL, "events.GetEventDeck", "{" EVENT "}", true},
    {NULL, "events.ListPhases", "{" EVENT "}", true},
    {NULL, "events.GetPoll", "{" EVENT ",'poll_id':'$firstpoll'}", true},
    {NULL, "events.GetPoll", "{" EVENT ",'poll_id':'$poll'}", true},
    {NULL, "events.ListPolls", "{" EVENT ",'page_size':1}", true},
    {NULL, "events.ListPolls", "{" EVENT "}", true},
    {NULL, "events.ListNotes", "{" EVENT "}", true},
    {NULL, "events.ListNotes", "{" EVENT ",'page_size':1}", true},
    {NULL, "events.ListNotes", "{" EVENT ",'page_size':1,'page_token':'2'}", true},
    {NULL, "events.ListUses", "{" EVENT "}", true},
    {NULL, "events.ListWaitlist", "{" EVENT "}", true},
    {NULL, "events.ReadLog", "{" EVENT ",'limit':500}", true},
    {NULL, "events.ReadLog", "{" EVENT ",'from':'9','limit':2}", true},
    {NULL, "events.ReadLog", "{" EVENT ",'from':'100000'}", true},
    {NULL, "events.feed.Read", "{'stream':'events.$event.public','limit':500}", true},
    {NULL, "events.feed.Read", "{'stream':'events.$event.god','limit':500}", true},
    {NULL, "events.feed.Read", "{'stream':'users.$self','limit':500}", true},
    {NULL, "events.feed.Read", "{'stream':'users.$other','limit':500}", true},
    {NULL, "events.feed.ListHeads", "{'pattern':'events.$event.god'}", true},
    {NULL, "events.feed.ListHeads", "{'pattern':'events.*'}", true},
    {NULL, "events.feed.ListHeads", "{'pattern':'users.*'}", true},
};

// Tried once in a running game by everybody that has no right to it, or no reason.
static const struct step attempts[] = {
    {NULL, "events.SendMessage", SAYS("table", "0010", "me too"), true},
    {NULL, "events.SendMessage", SAYS("god.$owner", "0011", "me too"), true},
    {NULL, "events.SendMessage", SAYS("side.$mafiaside", "0012", "me too"), true},
    {NULL, "events.SendMessage", SAYS("dead", "0013", "me too"), true},
    {NULL, "events.SetTyping", ROOM("god.$owner") "}", true},
    {NULL, "events.SetRoomCursor", ROOM("god.$owner") ",'seq':1}", true},
    {NULL, "events.SlowRoom", ROOM("god.$owner") ",'seconds':1}", true},
    {NULL, "events.MuteInRoom", ROOM("god.$owner") ",'user_id':'$self'}", true},
    {NULL, "events.ReportMessage", ROOM("god.$owner") ",'message_id':'$group'}", true},
    {NULL, "events.DeleteMessage", ROOM("side.$mafiaside") ",'message_id':'$group'}", true},
    {NULL, "events.UpdateEvent", "{" EVENT ",'title':'Mine'}", true},
    {NULL, "events.DeleteEvent", "{" EVENT "}", true},
    {NULL, "events.LockEvent", "{" EVENT "}", true},
    {NULL, "events.UnlockEvent", "{" EVENT "}", true},
    {NULL, "events.CancelEvent", "{" EVENT "}", true},
    {NULL, "events.AddAssistant", "{" EVENT ",'user_id':'$self'}", true},
    {NULL, "events.RemoveAssistant", "{" EVENT ",'user_id':'$self'}", true},
    {NULL, "events.HandOverEvent", "{" EVENT ",'god_id':'$self'}", true},
    {NULL, "events.Reveal", "{" EVENT ",'redeal':{'reason':'again'}}", true},
    {NULL, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}", true},
    {NULL, "events.UpdatePhase", "{" EVENT ",'pause':true}", true},
    {NULL, "events.ClosePhase", "{" EVENT "}", true},
    {NULL, "events.UpdatePlayer", "{" EVENT ",'user_id':'$owner','status':'DEAD'}", true},
    {NULL, "events.UseAbility", "{" EVENT ",'user_id':'$owner'}", true},
    {NULL, "events.ChainPlayer", "{" EVENT ",'user_id':'$owner','to_id':'$viewer'}", true},
    {NULL, "events.AddNote", "{" EVENT ",'user_id':'$owner','audience':'SIDE','text':'psst'}", true},
    {NULL, "events.AddTableNote", "{" EVENT ",'audience':'TABLE','text':'psst'}", true},
    {NULL, "events.DrawLastMove", "{" EVENT ",'user_id':'$owner'}", true},
    {NULL, "events.ScorePlayer", "{" EVENT ",'user_id':'$owner','score':1}", true},
    {NULL, "events.FoulPlayer", "{" EVENT ",'user_id':'$owner'}", true},
    {NULL, "events.AskReady", "{" EVENT ",'seconds':60}", true},
    {NULL, "events.SayReady", "{" EVENT "}", true},
    {NULL, "events.SayReady", "{" EVENT ",'user_id':'$owner'}", true},
    {NULL, "events.SetClock", "{" EVENT ",'seconds':90}", true},
    {NULL, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}", true},
    {NULL, "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'$viewer'}", true},
    {NULL, "events.CastBallot", "{" EVENT ",'poll_id':'$group','candidate_id':'$owner'}", true},
    {NULL, "events.ClosePoll", "{" EVENT ",'poll_id':'$poll'}", true},
    {NULL, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$group']}", true},
    {NULL, "events.Reserve", "{" EVENT "}", true},
    {NULL, "events.CancelReservation", "{" EVENT ",'user_id':'$other'}", true},
};

// ---- Playing

static inline size_t viewer_named(const char *name)
{
    size_t i = 0;
    while (strcmp(viewers[i].name, name) != 0) need(++i < VIEWERS);
    return i;
}

static inline void remember_made(struct service_world *world, const char *method,
                                 const ProtobufCMessage *reply)
{
    if (strcmp(method, "events.CreateGroup") == 0)
        service_remember(world, "group", ((const Events__GroupReply *)reply)->group->id);
    if (strcmp(method, "events.CreateDeck") == 0)
        service_remember(world, "deck", ((const Events__DeckReply *)reply)->deck->id);
    if (strcmp(method, "events.CreateEvent") == 0)
        service_remember(world, "event", ((const Events__EventReply *)reply)->event->id);
    if (strcmp(method, "events.OpenPoll") != 0) return;
    const char *poll_id = ((const Events__PollReply *)reply)->poll->id;
    if (strcmp(service_recall(world, "firstpoll"), id_of(1)) == 0)
        service_remember(world, "firstpoll", poll_id);
    service_remember(world, "poll", poll_id);
}

#endif
