package main_test

// careless are requests as people type them, and as programs write them that were not
// written with care: what can be understood is done, and what cannot is refused with a
// sentence that helps.
var careless = []program{
	// Without -H, curl says that JSON is a form.
	{"curl", "User-Agent: curl/8.14.1\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n", []wire{
		{"POST", "/message", `{"message":"Hello","phoneNumbers":["+4917012345678"]}`, 202, `"textMessage":{"text":"Hello"}`},
		{"POST", "/messages/", `{"message":"Hello","phoneNumbers":["+4917012345678"]}`, 202, `"state":"Pending"`},
		{"POST", "//messages//?", `{"message":"Hello","phoneNumbers":["+4917012345678"]}`, 202, `"state":"Pending"`},
		{"POST", "/messages?&&", "\ufeff \r\n{\"message\":\"Hello\",\"phoneNumbers\":[\"+4917012345678\"]}\r\n", 202, `"state":"Pending"`},
		{"POST", "/messages", "{\"message\":\"Dear all,\n\tsee you.\r\nBye\",\"phoneNumbers\":[\"+4917012345678\"]}", 202, `"text":"Dear all,\\n\\tsee you.\\r\\nBye"`},
		{"POST", "/messages", `message=Hello&phoneNumbers%5B%5D=%2B4917012345678`, 400, `^{"message":"the request body is a form; it must be a JSON object`},
		{"POST", "/messages", `'{"message":"Hello"}'`, 400, `^{"message":"the request body is not valid JSON: `},
		{"POST", "/messages", ``, 400, `^{"message":"the request body is empty; it must be a JSON object"`},
		{"POST", "/messages", `[{"message":"Hello"}]`, 400, `^{"message":"the request body must be a JSON object, got an array"`},
		{"POST", "/messages", `{"message":"Hello","phoneNumbers":"+4917012345678"}`, 400, `^{"message":"phoneNumbers must be an array of strings, got a string"`},
		{"POST", "/messages", `{"message":"Hello","phoneNumbers":[4917012345678]}`, 400, `^{"message":"phoneNumbers\[0\] must be a string, got a number"`},
		{"POST", "/messages?skipPhoneValidation=yes", `{"message":"Hello","phoneNumbers":["1"]}`, 400, `^{"message":"skipPhoneValidation must be true or false"`},
		{"POST", "/messages?skipPhoneValidation=True", `{"message":"Hello","phoneNumbers":["1"]}`, 202, `"phoneNumber":"1"`},
		{"POST", "/messages?skipPhoneValidation=&deviceActiveWithin=", `{"message":"Hello","phoneNumbers":["+49 170 / 1234-5678"]}`, 202, `"phoneNumber":"\+49 170 / 1234-5678"`},
		{"GET", "/messages/?limit=abc&offset=&state=&from=&to=yesterday&deviceId=&includeContent=&sort=", ``, 200, `^\[{`},
		{"GET", "/messages?limit=0", ``, 200, `^\[{`}, // at least one
		{"GET", "/messages?limit=1000000", ``, 200, `^\[{`},
		{"GET", "/inbox/?type=&limit=&offset=&from=&to=&deviceId=&includeAttachments=", ``, 200, `^\[`},
		{"GET", "/logs/?from=&to=", ``, 200, `^\[`},
		{"GET", "/health//live/", ``, 200, `"status":"pass"`},
		{"GET", "//", ``, 200, `^{"status":"ok"`},
		{"GET", "/messages/..", ``, 200, `^{"status":"ok"`},
		{"GET", "/message%73", ``, 200, `^\[`},
		{"GET", "/Messages", ``, 404, `^{"message":"there is nothing at this path; there is GET /, `},
		{"GET", "/nothing/here", ``, 404, `^{"message":"there is nothing at this path`},
		{"POST", "/health", `{}`, 405, `^{"message":"this path has no such method, only GET, HEAD"`},
		{"PUT", "/messages", `{}`, 405, `^{"message":"this path has no such method, only GET, HEAD, POST"`},
		{"PATCH", "/webhooks", `{}`, 405, `^{"message":"this path has no such method`},
		{"OPTIONS", "/messages", ``, 405, `^{"message":"this path has no such method, only GET, HEAD, POST"`},
		{"HEAD", "/", ``, 200, `^$`},
		{"HEAD", "/health", ``, 200, `^$`},
		{"HEAD", "/messages?limit=1", ``, 200, `^$`},
		{"HEAD", "/messages/nothing", ``, 404, `^$`},
		{"DELETE", "/webhooks/no%20such%2Fhook", ``, 204, `^$`},
		{"DELETE", "/auth/token/%20", ``, 400, `^{"message":"jti is required"`},
		{"GET", "/inbox/text%3A1/attachments/one", ``, 400, `^{"message":"partId must be a number"`},
	}},
	{"no type", "", []wire{
		{"POST", "/message", `{"message":"Hello","phoneNumbers":["+4917012345678"]}`, 202, `"state":"Pending"`},
		{"PATCH", "/settings", `{"messages":{"limitValue":"7","limit_period":"PerDay"},"nothing":{"x":1},"ping":null}`, 200, `"limit_period":"PerDay","limit_value":7`},
		{"PATCH", "/settings", `{"messages":{"limit_value":null,"limitPeriod":null}}`, 200, `"limit_period":"Disabled","limit_value":0`},
		{"POST", "/auth/token", `{"ttl":null,"scopes":["messages:send","messages:list","devices:delete"],"name":"x"}`, 201, `"token_type":"Bearer"`},
	}},
	{"odd types", "Content-Type: text/plain; charset=ISO-8859-1, x/y\r\nContent-Language: de\r\n", []wire{
		{"POST", "/messages", `{"message":"Grüße","phoneNumbers":["+4917012345678"]}`, 202, `"text":"Grüße"`},
		{"POST", "/messages", "{\"message\":\"Gr\xfc\xdfe\",\"phoneNumbers\":[\"+4917012345678\"]}", 400, `^{"message":"the request body is not valid UTF-8"`},
		{"POST", "/webhooks", `{"id":null,"url":"{hook}","event":"sms:received","deviceId":null,"source":"Cloud","device_id":"x"}`, 201, `"source":"Local"`},
	}},
	{"everything null", "Content-Type: application/json\r\n", []wire{
		{"POST", "/messages", `{"id":null,"deviceId":null,"textMessage":null,"dataMessage":null,"mmsMessage":null,"message":"Hello","phoneNumbers":["+4917012345678"],"simNumber":null,"withDeliveryReport":null,"isEncrypted":null,"priority":null,"ttl":null,"validUntil":null,"scheduleAt":null,"unknown":{"a":[null]}}`, 202, `"states":{"Pending":"`},
		{"POST", "/messages", `{"message":null,"textMessage":null,"phoneNumbers":["+4917012345678"]}`, 400, `^{"message":"Must specify exactly one of: textMessage, dataMessage, or message"`},
		{"POST", "/messages", `{"message":"Hello","phoneNumbers":null}`, 400, `^{"message":"Empty phone numbers list"`},
		{"POST", "/inbox/refresh", `{"since":"{before}","until":"{now}","deviceId":null,"messageTypes":null,"triggerWebhooks":null,"webhookDelivery":null,"x":1}`, 202, `^$`},
		{"POST", "/messages/inbox/export", `{"since":null,"until":"{now}"}`, 400, `^{"message":"since is required"`},
		// IDs are whatever the client says, and their case counts.
		{"POST", "/messages", `{"id":"0190F5C8-{name}-7A3B-8C4D-5E6F7A8B9C0D","message":"Hello","phoneNumbers":["+4917012345678"]}`, 202, `^{"id":"0190F5C8-{name}-7A3B-8C4D-5E6F7A8B9C0D"`},
		{"GET", "/messages/0190F5C8-{name}-7A3B-8C4D-5E6F7A8B9C0D", ``, 200, `^{"id":"0190F5C8-{name}-7A3B-8C4D-5E6F7A8B9C0D"`},
		{"GET", "/messages/0190f5c8-{name}-7a3b-8c4d-5e6f7a8b9c0d", ``, 404, `^$`},
		{"POST", "/messages", `{"id":"ü/?#%25 {name}","message":"Hello","phoneNumbers":["+4917012345678"],"scheduleAt":"{later}"}`, 202, `^{"id":"ü/\?#%25 {name}"`},
		{"GET", "/messages/%C3%BC%2F%3F%23%2525%20{name}", ``, 200, `^{"id":"ü/\?#%25 {name}"`},
		{"DELETE", "/message/%c3%bc%2f%3f%23%2525%20{name}/", ``, 200, `"state":"Cancelled"`},
	}},
}
