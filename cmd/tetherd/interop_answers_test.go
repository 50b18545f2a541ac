package main_test

import (
	"maps"
	"math"
	"slices"
)

// What the published clients need of the answers, each with the strictest of their types:
// those for Rust and Go fail on a number that does not fit, those for Rust, Python and PHP
// on a name that they do not know, all on a member that is missing. Those for Node look
// at nothing.

var (
	isState   = isOne("Pending", "Cancelling", "Cancelled", "Processed", "Sent", "Delivered", "Failed")
	isSlot    = isWhole(1, math.MaxUint8) // Go and Rust
	isPort    = isWhole(0, math.MaxUint16)
	isInt32   = isWhole(math.MinInt32, math.MaxInt32) // Rust
	isVerdict = isOne("pass", "warn", "fail")
	// Python before 3.11 reads three digits after the seconds or six, and Z as it is
	// replaced by the client.
	isTime = isLike(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)`)

	messageShape = shape{
		"id": isString, "deviceId": isString, "state": isState, "isHashed": isBool, "isEncrypted": isBool,
		"recipients": isSome(shape{"phoneNumber": isString, "state": isState, "error?": isString}.is),
		"states":     isMap(isState, isTime),
		"createdAt":  isTime, "scheduleAt?": isTime,
		"textMessage?": shape{"text": isString}.is, "dataMessage?": shape{"data": isString, "port": isPort}.is,
	}
	deviceShape = shape{
		"id": isLike(".{21}"), "name": isString, "createdAt": isTime, "updatedAt": isTime, "lastSeen": isTime,
		"simCards": isSome(shape{
			"slotIndex": isInt32, "simNumber": isSlot, "phoneNumber?": isString, "carrierName?": isString, "iccid?": isString,
		}.is),
	}
	healthShape = shape{
		"status": isVerdict, "version": isString, "releaseId": isInt32,
		"checks": isMap(isString, shape{"status": isVerdict, "observedValue": isInt32, "observedUnit": isString, "description": isString}.is),
	}
	logShape = shape{
		"id": isWhole(0, math.MaxInt64), "priority": isOne("DEBUG", "INFO", "WARN", "ERROR"), "module": isString, "message": isString,
		"context?": isMap(isString, isAny), "createdAt": isTime,
	}
	inboxShape = shape{
		"id": isString, "type": isOne("SMS", "DATA_SMS", "MMS", "MMS_DOWNLOADED"), "sender": isString, "recipient?": isString,
		"simNumber?": isSlot, "contentPreview": isString, "createdAt": isTime,
		"attachments": isList(shape{"partId": isInt32, "name": isString, "size": isWhole(0, math.MaxInt64), "contentType": isString}.is),
	}
	tokenShape = shape{
		"id":         isString,
		"token_type": isOne("Bearer"), "access_token": isString, "refresh_token": isString, "expires_at": isTime, // Go, PHP, Node
		"tokenType": isOne("Bearer"), "accessToken": isString, "refreshToken": isString, "expiresAt": isTime, // Python, Rust
	}
	webhookShape  = shape{"id": isString, "url": isString, "event": isOne(slices.Collect(maps.Keys(payloadShapes))...), "deviceId?": isString}
	settingsShape = shape{
		"gateway": shape{"cloud_url?": isString, "notification_channel?": isOne("AUTO", "SSE_ONLY"), "private_token?": isString}.is,
		"messages": shape{
			"send_interval_min?": isInt32, "send_interval_max?": isInt32, "limit_value?": isInt32, "log_lifetime_days?": isInt32,
			"limit_period?":       isOne("Disabled", "PerMinute", "Per30Minutes", "PerHour", "PerDay"),
			"sim_selection_mode?": isOne("OSDefault", "RoundRobin", "Random"), "processing_order?": isOne("LIFO", "FIFO"),
			"work_hours_enabled?": isBool, "work_hours_start?": isLike(`\d\d:\d\d`), "work_hours_end?": isLike(`\d\d:\d\d`),
		}.is,
		"ping":     shape{"interval_seconds?": isInt32}.is, // Home Assistant looks into it
		"logs":     shape{"lifetime_days?": isInt32}.is,
		"webhooks": shape{"internet_required?": isBool, "retry_count?": isInt32}.is,
		"receiver": shape{"content_provider_enabled?": isBool}.is,
	}
	// Of a refusal the client for Python reads the message.
	refusalShape = shape{"message": isLike(".+")}
)

// What webhooks send.
var (
	smsShape       = shape{"messageId": isLike(".+"), "phoneNumber": isString, "sender?": isString, "recipient?": isString, "simNumber?": isSlot}
	receivedShape  = smsShape.with(shape{"sender": isString, "receivedAt": isTime})
	recipientShape = smsShape.with(shape{"recipient": isString})
	isBatch        = func(of shape) value { return shape{"messages": isSome(of.is)}.is }
	mmsShape       = receivedShape.with(shape{"transactionId": isString, "contentClass?": isString, "size": isInt32, "subject?": isString})

	payloadShapes = map[string]value{
		"sms:received":            receivedShape.with(shape{"message": isString}).is,
		"sms:data-received":       receivedShape.with(shape{"data": isString}).is,
		"sms:sent":                recipientShape.with(shape{"sentAt": isTime, "partsCount": isWhole(1, 255), "sender": isString}).is,
		"sms:delivered":           recipientShape.with(shape{"deliveredAt": isTime, "sender": isString}).is,
		"sms:failed":              recipientShape.with(shape{"failedAt": isTime, "reason": isLike(".+")}).is,
		"sms:cancelled":           recipientShape.with(shape{"cancelledAt": isTime}).is,
		"system:ping":             shape{"health": healthShape.is}.is,
		"app:started":             shape{"simCards": isSome(shape{"slotIndex": isInt32, "simNumber": isSlot}.is)}.is,
		"sms:batch:received":      isBatch(receivedShape.with(shape{"message": isString})),
		"sms:batch:data-received": isBatch(receivedShape.with(shape{"data": isString})),
		"mms:received":            mmsShape.is,
		"mms:batch:received":      isBatch(mmsShape),
		"mms:downloaded":          nil, // never happens
		"mms:batch:downloaded":    nil,
	}
)
