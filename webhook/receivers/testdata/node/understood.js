"use strict";
// What the handlers of the products' customers take from an event, by the product.
// An event that lacks what is taken makes a handler throw.

function text(value) {
  if (typeof value !== "string") throw new TypeError(`${value} is no text`);
  return value;
}

module.exports = {
  infinireach({ event, data }) {
    switch (event) {
      case "message.received": // the automatic answer and the entry in a CRM
        return {
          event,
          data: {
            deviceId: text(data.deviceId), from: text(data.from), timestamp: text(data.timestamp),
            hours: data.message !== undefined && data.message.toLowerCase().includes("hours"),
          },
        };
      case "message.sent":
      case "message.delivered":
      case "message.failed":
        return { event, data: { messageId: text(data.messageId), status: text(data.status) } };
      case "device.online":
      case "device.offline":
        return { event, data: { name: text(data.name), lastSeen: text(data.lastSeen) } };
    }
    return { event };
  },

  integify({ id, type, created_at, data }) {
    const event = { id: text(id), type: text(type), created_at: text(created_at) };
    switch (type) {
      case "sms.delivered":
        return { ...event, message_id: text(data.message_id) };
      case "sms.failed":
        return { ...event, message_id: text(data.message_id), status: text(data.status) };
      case "sms.received":
        return { ...event, from: text(data.from) };
    }
    return event;
  },

  oneroute({ event, message, conversation, campaignReportUrl }) {
    switch (event) {
      case "newMessage":
        return {
          event, conversation: text(message.conversation_id), sender: text(message.sender.name),
          status: text(conversation.status), medium: text(conversation.Channel.medium),
        };
      case "compaignDeliveryReport":
        return { event, page: new URL(campaignReportUrl).searchParams.get("page[number]"), firm: conversation.firm_id };
    }
    return { event };
  },

  smobi(body) {
    const event = { id: text(body.smobiMessageId), channel: text(body.channel), timestamp: text(body.timestamp) };
    if (body.status !== undefined) return { ...event, status: body.status, failure: body.failureDetails };
    return { ...event, from: text(body.from), source: text(body.messageSource) };
  },

  smsgate({ id, webhookId, event, deviceId, payload }) {
    return { id: text(id), webhookId: text(webhookId), event: text(event), deviceId: text(deviceId), phoneNumber: payload.phoneNumber };
  },

  standard({ type, timestamp, data }) {
    return { type: text(type), timestamp: text(timestamp), data: Object.keys(data) };
  },

  cloudevents({ specversion, id, source, type }) {
    if (specversion !== "1.0") throw new Error(`CloudEvents ${specversion}`);
    return { id: text(id), source: text(source), type: text(type) };
  },
};
