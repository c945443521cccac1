// What the client itself says when an answer fails. All other messages come from the server.

export const SAID = {
  expired: "This answer is gone. Please ask again.",
  closed: "The server closed the connection. Please ask again.",
};
