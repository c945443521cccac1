// What the client itself says where an answer fails; all else is said by the server.

export const SAID = {
  expired: "The answer is not kept any more. Please ask again.",
  closed: "The server closed the connection. Please ask again.",
};
