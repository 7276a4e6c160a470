// One signed-in matrix-js-sdk client with Rust crypto, as Element Web runs it, for the journeys.
// Reads one JSON request a line ({id, method, params}), answers one JSON line ({id, result} or {id, error}).
// Every decrypted message of every joined room is pushed as {event: "message", room_id, sender, event_id, body, encrypted}.
import { createInterface } from "node:readline";
import * as sdk from "matrix-js-sdk";
import { logger } from "matrix-js-sdk/lib/logger.js";

logger.disableAll();
// the SDK also writes to the console directly; standard output is ours
for (const level of ["log", "info", "debug", "warn", "error", "trace"]) console[level] = () => {};

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
let client;

function report(event) {
  if (event.getType() !== "m.room.message") return;
  say({
    event: "message",
    room_id: event.getRoomId(),
    sender: event.getSender(),
    event_id: event.getId(),
    body: event.getContent().body,
    encrypted: event.isEncrypted(),
  });
}

const methods = {
  async start({ base_url, user_id, device_id, access_token }) {
    client = sdk.createClient({ baseUrl: base_url, userId: user_id, deviceId: device_id, accessToken: access_token });
    await client.initRustCrypto({ useIndexedDB: false });
    client.on(sdk.RoomEvent.Timeline, (event) => {
      if (!event.isEncrypted()) report(event);
    });
    client.on(sdk.MatrixEventEvent.Decrypted, report);
    const syncing = new Promise((resolve) => {
      client.on(sdk.ClientEvent.Sync, (state) => state === "SYNCING" && resolve());
    });
    await client.startClient({ initialSyncLimit: 20, lazyLoadMembers: true });
    await syncing;
    return { crypto: client.getCrypto().getVersion() };
  },
  async create_encrypted_room({ invite, name }) {
    const { room_id } = await client.createRoom({
      name,
      invite,
      preset: "private_chat",
      initial_state: [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }],
    });
    return { room_id };
  },
  async join({ room_id }) {
    await client.joinRoom(room_id);
    return {};
  },
  async joined_rooms() {
    return client.getJoinedRooms();
  },
  async account_data({ type }) {
    return (await client.getAccountDataFromServer(type)) ?? {};
  },
  // resolves when this client knows the room, its encryption and that `members` have joined, so that keys reach them
  async await_members({ room_id, members }) {
    const ready = async () => {
      const room = client.getRoom(room_id);
      if (!room?.hasEncryptionStateEvent()) return false;
      await room.loadMembersIfNeeded();
      return members.every((user) => room.getMember(user)?.membership === "join");
    };
    while (!(await ready())) {
      await new Promise((resolve) => {
        client.once(sdk.RoomStateEvent.Members, resolve);
        client.once(sdk.ClientEvent.Sync, resolve);
      });
    }
    return {};
  },
  async send({ room_id, body }) {
    const { event_id } = await client.sendTextMessage(room_id, body);
    return { event_id };
  },
  async upload({ size }) {
    const { content_uri } = await client.uploadContent(new Blob([new Uint8Array(size)]), { type: "application/octet-stream" });
    return { content_uri };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  // requests run side by side: one that waits must not hold up the next
  Promise.resolve()
    .then(() => methods[method](params ?? {}))
    .then(
      (result) => say({ id, result }),
      (error) => say({ id, error: String(error?.message ?? error) }),
    );
}
client?.stopClient();
process.exit(0);
