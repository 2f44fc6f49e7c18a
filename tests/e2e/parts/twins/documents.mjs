// What a viewer asks and follows over GraphQL, with every link that leads on from an event: made of the schema, so that no field is left out.
import { buildSchema, getNamedType, isRequiredArgument } from 'graphql';
import { selectionOf } from '../graphql.mjs';

const CODES = '__typename ... on StreamLive { cursor } ... on StreamReset { reason }';
const ENTRY = `__typename ... on EntryNoted { userId audience text sideId joins } ... on EntryStatusSet { userId status untilPhase } ... on EntryPhaseOpened { number day }
    ... on EntryPollOpened { pollId secret candidates } ... on EntryPollClosed { counts { candidateId weight } ballots { voterId candidateId } } ... on EntryAbilityUsed { targetId left }
    ... on EntryChained { toId } ... on EntryScored { score } ... on EntryLastMoveDrawn { lastMoveId } ... on EntryReserved { username seat guest } ... on EntryRoleChanged { userId }`;

// What is asked about an event, or leads on from it, and needs no more than its id: all that the documents do not ask already.
function otherQuestions(schema, asked, all) {
    const isAsked = ({ name }) => asked.includes(`${name}(`), takes = (...names) => ({ args }) => args.some(({ name }) => names.includes(name));
    const questions = Object.values(schema.getQueryType().getFields()).filter(takes('eventId', 'roomId')).filter((field) => !isAsked(field));
    const links = Object.values(schema.getType('Event').getFields()).filter(({ args }) => args.length).filter((field) => !isAsked(field));
    const ask = ({ name, type }) => `${name}(eventId: $id) ${all(getNamedType(type).name, 1) || '{ __typename }'}`;
    const needsMore = [...questions.filter(({ args }) => args.some((arg) => isRequiredArgument(arg) && arg.name !== 'eventId')), ...links];
    if (needsMore.length) throw new Error(`nobody asks ${needsMore.map(({ name }) => name)}`);
    return `query($id: ID!) { event(id: $id) { id } ${questions.map(ask).join(' ')} }`;
}

// {reads, tries: [name, document], follows: {event, me, room, presence}}: each takes $id, the event; $table, $secret, $owners and $dead, its
// rooms; $owner and $poll.
export function documentsOf(sdl) {
    const schema = buildSchema(sdl), isPlain = (type, field) => field.name !== 'fields'; // a union
    const all = (name, depth) => selectionOf(schema.getType(name), isPlain, depth);
    const messages = `{ head moreBefore moreAfter messages ${all('Message', 1)} }`;
    const entry = (name) => `{ ${all(name, 0).slice(2, -2)} fields { ${ENTRY} } }`;
    const reads = {
        event: `query($id: ID!) { a: event(id: $id) ${all('Event', 1)} b: event(id: $id) { players { ${all('Player', 0).slice(2, -2)} statuses { status untilPhase } } } }`,
        links: `query($id: ID!) { event(id: $id) { title god { profile { username games } } players { userId role { name } side { name } toldRole { id } toldSide { id } account { username games level } } } }`,
        deal: `query($id: ID!) { deal(eventId: $id) ${all('Deal', 1)} event(id: $id) { deal ${all('Deal', 0)} deck ${all('Deck', 1)} myPlayer ${all('Me', 1)} rooms { ${all('Room', 0).slice(2, -2)} side { name } player { username } } } }`,
        phases: `query($id: ID!) { event(id: $id) { phases(first: 3) { nodes { phase { number kind state openedAt closedAt } players { userId roleId sideId alive score statuses { status } } pollIds } pageInfo { endCursor hasNextPage } } } phases(eventId: $id, first: 1) { nodes { pollIds } pageInfo { endCursor } } }`,
        lists: `query($id: ID!) { event(id: $id) { polls(first: 5) { nodes ${all('Poll', 1)} } notes(first: 20) { nodes ${all('Note', 0)} } uses(first: 20) { nodes ${all('Use', 0)} } waiting(first: 5) { nodes { username } } bans { reason user { username } } } }`,
        log: `query($id: ID!) { event(id: $id) { log(limit: 45) { next open leads epoch cursor entries ${entry('LogEntry')} } } few: log(eventId: $id, from: "3", limit: 4) { entries { index kind } next } }`,
        roots: `query($id: ID!, $poll: ID!) { myPlayer(eventId: $id) ${all('Me', 1)} eventDeck(eventId: $id) ${all('Deck', 0)} uses(eventId: $id) { nodes { left } } notes(eventId: $id, first: 1) { nodes { text } pageInfo { endCursor } } polls(eventId: $id) { nodes { id myCandidateId } } poll(eventId: $id, id: $poll) ${all('Poll', 1)} waitlist(eventId: $id) { nodes { username } } bans(eventId: $id) { reason } }`,
        rooms: `query($id: ID!, $table: ID!) { rooms(eventId: $id) ${all('Room', 0)} table: messages(roomId: $table, pageSize: 30) ${messages} }`,
        secrets: `query($secret: ID!, $owners: ID!, $dead: ID!) { side: messages(roomId: $secret, pageSize: 30) { messages { text } } owners: messages(roomId: $owners, pageSize: 30) { messages { text } } dead: messages(roomId: $dead, pageSize: 30) { messages { text author { username } } } }`,
        logs: `query($secret: ID!, $owners: ID!, $dead: ID!) { side: roomLog(roomId: $secret) { cursor } owners: roomLog(roomId: $owners) { cursor } dead: roomLog(roomId: $dead) { state { messages { text } } } }`,
        inbox: `query { notifications(pageSize: 30) { unread seen more notifications ${entry('MeEntry')} } ownMessages(first: 20) { nodes { roomId message { seq text } } } }`,
        owner: `query($owner: ID!) { profile(userId: $owner) { username level games eventsPlayed(first: 3) { nodes { id state act seatsTaken } } } events(playerId: $owner, first: 3) { nodes { id title state act } } }`,
        costs: 'query($id: ID!) { __schema { queryType { name } } event(id: $id) { id } events(first: 100) { nodes { id players { statuses { status } } } } }',
        types: 'query($id: ID!) { __type(name: "Player") { fields { name type { name kind ofType { name } } } } event(id: $id) { __typename players { __typename } } }',
    };
    const tries = {
        use: 'mutation($id: ID!, $owner: ID!) { useAbility(input: { eventId: $id, userId: $owner }) { left } updatePlayer(input: { eventId: $id, userId: $owner, status: DEAD }) { player { alive } } drawLastMove(input: { eventId: $id, userId: $owner }) { __typename } }',
        table: 'mutation($id: ID!, $owner: ID!) { foulPlayer(input: { eventId: $id, userId: $owner }) { fouls } lockEvent(input: { eventId: $id }) { event { state } } undo(input: { eventId: $id, seq: "5" }) { event { state } } addNote(input: { eventId: $id, userId: $owner, audience: SIDE, text: "psst" }) { done } }',
        side: 'mutation($secret: ID!, $owner: ID!) { setTyping(input: { roomId: $secret }) { done } sendMessage(input: { roomId: $secret, clientId: "client-of-a-try-0001", text: "me too" }) { message { id } } setRoomCursor(input: { roomId: $secret, seq: "1" }) { cursor } slowRoom(input: { roomId: $secret, seconds: 5 }) { room { id } } muteInRoom(input: { roomId: $secret, userId: $owner }) { __typename } }',
        message: 'mutation($secret: ID!, $message: ID!) { updateMessage(input: { roomId: $secret, messageId: $message, text: "mine" }) { message { id } } deleteMessage(input: { roomId: $secret, messageId: $message }) { done } reportMessage(input: { roomId: $secret, messageId: $message, reason: "rude" }) { done } }',
        owners: 'mutation($owners: ID!) { setTyping(input: { roomId: $owners }) { done } sendMessage(input: { roomId: $owners, clientId: "client-of-a-try-0002", text: "me too" }) { message { id } } }',
    };
    const follows = {
        event: `subscription($id: ID!) { event(id: $id) { ${CODES} ... on EventSnapshot { cursor state ${all('Event', 1)} mine ${all('EventMine', 1)} } ... on LogEntry ${entry('LogEntry')} } }`,
        me: `subscription { me { ${CODES} ... on MeSnapshot { cursor state { count } } ... on MeEntry ${entry('MeEntry')} } }`,
        room: `subscription($room: ID!) { room(id: $room) { ${CODES} ... on RoomSnapshot { cursor state ${all('RoomState', 2)} mine ${all('RoomMine', 0)} } ... on RoomEntry ${all('RoomEntry', 2)} ... on RoomTyping { users ${all('Person', 0)} } } }`,
        presence: `subscription($id: ID!) { presence(eventId: $id) { ${CODES} ... on PresenceSnapshot { cursor state ${all('EventPresence', 2)} } } }`,
    };
    reads.others = otherQuestions(schema, Object.values(reads).join(' '), all);
    return { reads, tries, follows };
}
