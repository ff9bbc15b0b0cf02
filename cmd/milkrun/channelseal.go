package main

import "milkrun/warehouse"

// channelMark tells the secrets of channels from what else is sealed.
const channelMark = "c2m.channel"

// channelSeal keeps the secrets of channels under the house's seal, each bound to its channel's code.
type channelSeal struct{ *warehouse.Seal }

func (s channelSeal) Close(name, secret string) ([]byte, error) {
	return s.Seal.Close(channelMark, name, warehouse.Consignee{Name: secret})
}

func (s channelSeal) Open(name string, sealed []byte) (string, error) {
	c, err := s.Seal.Open(channelMark, name, sealed)
	return c.Name, err
}
